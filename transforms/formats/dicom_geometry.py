"""Stacks: frames that belong together, in the order of the patient and not of file names."""

from dataclasses import dataclass, replace
from typing import TypedDict

import numpy as np

from transforms.formats.dicom_frames import Frame, acquisition_order
from transforms.formats.flags import SHEARED, UNEVEN_GAPS

SAME_COSINE = 1e-3  # cosines that differ less are one orientation (about 0.06 degrees)
SAME_PLACE_MM = 1e-2  # slices nearer than this lie at one place
EVEN_GAP = 0.05  # gaps may differ by this share of their median
STRAIGHT_MM = 0.05  # a stack's origins may leave the normal by so much a slice


@dataclass(frozen=True)
class Stack:
    """Frames of one size and orientation, in order of their height over the patient's origin.

    kind      "slices" (places known, two or more), "frames" (a sequence without places), "single"
    affine    [4, 4] (s, r, c, 1) -> LPS mm; of one slice the gap is the spacing of its rows; None:
              places unknown or not on one even line
    gap_mm    distance between neighbours; None where unknown or uneven
    geometry  number of its grid among those of the item
    volume    number of this stack among those that repeat the same places (time, echo, b-value)
    volumes   how many repeat
    """

    frames: tuple[Frame, ...]
    kind: str
    geometry: int = 0
    affine: np.ndarray | None = None
    gap_mm: float | None = None
    volume: int = 0
    volumes: int = 1
    flags: tuple[str, ...] = ()

    @property
    def shape(self) -> tuple[int, int, int]:
        return len(self.frames), self.frames[0].rows, self.frames[0].columns

    @property
    def voxel_ml(self) -> float | None:
        """Volume of one voxel; None unless spacing and gap are known."""
        spacing = self.frames[0].spacing_mm
        if self.gap_mm is None or spacing is None:
            return None
        return self.gap_mm * spacing[0] * spacing[1] / 1000.0


def stacks_of(frames: list[Frame]) -> list[Stack]:
    """Frames as stacks; each is in exactly one. Their order does not depend on that of `frames`."""
    placed = [f for f in frames if f.placed]
    groups = [_by_place(alike) for alike in _alike(placed)]
    rest: dict[tuple[str, str], list[Frame]] = {}
    for f in sorted((f for f in frames if not f.placed), key=acquisition_order):
        rest.setdefault((f.sop_uid, str(f.path)), []).append(f)
    groups += [[Stack(tuple(g), "frames" if len(g) > 1 else "single")] for g in rest.values()]
    groups.sort(key=lambda stacks: acquisition_order(stacks[0].frames[0]))
    return [replace(s, geometry=i) for i, stacks in enumerate(groups) for s in stacks]


def _alike(frames: list[Frame]) -> list[list[Frame]]:
    """Groups of one matrix, orientation and spacing."""
    groups: list[list[Frame]] = []
    for f in sorted(frames, key=acquisition_order):
        for group in groups:
            if _fits(f, group[0]):
                group.append(f)
                break
        else:
            groups.append([f])
    return groups


def _fits(a: Frame, b: Frame) -> bool:
    same_grid = (a.rows, a.columns) == (b.rows, b.columns)
    if not same_grid or np.abs(a.cosines - b.cosines).max() > SAME_COSINE:  # type: ignore[operator]
        return False
    if a.spacing_mm is None or b.spacing_mm is None:
        return a.spacing_mm == b.spacing_mm
    return np.allclose(a.spacing_mm, b.spacing_mm, rtol=1e-3)


def _by_place(frames: list[Frame]) -> list[Stack]:
    """Frames of one orientation as stacks: the k-th frame at every place makes the k-th stack."""
    places: list[list[Frame]] = []
    for f in sorted(frames, key=lambda f: (f.height_mm, acquisition_order(f))):
        if places and f.height_mm - places[-1][0].height_mm < SAME_PLACE_MM:
            places[-1].append(f)
        else:
            places.append([f])
    for place in places:
        place.sort(key=acquisition_order)
    count = max(len(place) for place in places)
    layers = [tuple(p[k] for p in places if len(p) > k) for k in range(count)]
    return [_stack(layer, k, count) for k, layer in enumerate(layers)]


class _Repeat(TypedDict):
    volume: int
    volumes: int


def _stack(frames: tuple[Frame, ...], volume: int, volumes: int) -> Stack:
    head, repeat = frames[0], _Repeat(volume=volume, volumes=volumes)
    if len(frames) == 1:
        across = head.normal * (head.spacing_mm or (1.0, 1.0))[0]
        return Stack(frames, "single", affine=_affine(head, across), **repeat)
    origins = np.array([f.position for f in frames])
    gaps = np.diff(origins, axis=0) @ head.normal
    median = float(np.median(gaps))
    if np.abs(gaps - median).max() > EVEN_GAP * median:
        return Stack(frames, "slices", flags=(UNEVEN_GAPS,), **repeat)
    step = (origins[-1] - origins[0]) / (len(frames) - 1)
    line = origins[0] + np.arange(len(frames))[:, None] * step
    bend = float(np.linalg.norm(origins - line, axis=1).max())
    sheared = float(np.linalg.norm(step - (step @ head.normal) * head.normal))
    flags = (SHEARED,) if max(sheared, bend) > STRAIGHT_MM else ()
    affine = _affine(head, step) if bend <= STRAIGHT_MM + EVEN_GAP * median else None
    return Stack(frames, "slices", affine=affine, gap_mm=median, flags=flags, **repeat)


def _affine(frame: Frame, step: np.ndarray) -> np.ndarray | None:
    """Index (s, r, c) to LPS mm. PS3.3 C.7.6.2.1.1, equation C.7.6.2.1-1."""
    if frame.spacing_mm is None:
        return None
    out = np.eye(4)
    out[:3, 0] = step
    out[:3, 1] = frame.cosines[1] * frame.spacing_mm[0]  # type: ignore[index]
    out[:3, 2] = frame.cosines[0] * frame.spacing_mm[1]  # type: ignore[index]
    out[:3, 3] = frame.position
    return out
