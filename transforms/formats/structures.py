"""Structures: what label volumes say, one compact 3-D mask each."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np

from transforms.formats.geometry import reorder
from transforms.formats.planes import PLANE_AXIS, shown
from transforms.picture import Annotation


@dataclass(frozen=True)
class Structure:
    """A 3-D mask in the grid of a volume, kept as its tight crop.

    start      [3] index of the crop's first voxel
    mask       crop [s, r, c] bool
    volume_ml  of the whole structure; None where the spacing is unknown
    truncated  it touches a face of the grid, so it may go on outside the scanned volume
    producer   of an expert's finding, <expert>@<version>; None: the source drew it
    candidate  its producer may be wrong by its nature
    score      0 to 1, of the finding, as its expert rates it; quality: of its shape
    region_id  of the region of the volume that it became
    """

    label: str
    start: tuple[int, int, int]
    mask: np.ndarray
    instance: str | None = None
    volume_ml: float | None = None
    truncated: bool = False
    side: str | None = None
    producer: str | None = None
    candidate: bool = False
    score: float | None = None
    quality: float | None = None
    region_id: str | None = None

    def areas(self, axis: int, length: int) -> np.ndarray:
        """[length] mask area in voxels of every slice across `axis`."""
        others = tuple(a for a in range(3) if a != axis)
        out = np.zeros(length, np.int64)
        first = self.start[axis]
        out[first : first + self.mask.shape[axis]] = self.mask.sum(axis=others)
        return out

    def slice_mask(self, axis: int, index: int, shape: tuple[int, int, int]) -> np.ndarray | None:
        """[two other sides] bool mask of one slice in grid order; None where it holds no voxel."""
        within = index - self.start[axis]
        if not 0 <= within < self.mask.shape[axis]:
            return None
        crop = np.take(self.mask, within, axis=axis)
        if not crop.any():
            return None
        rows, columns = (a for a in range(3) if a != axis)
        full = np.zeros((shape[rows], shape[columns]), bool)
        r0, c0 = self.start[rows], self.start[columns]
        full[r0 : r0 + crop.shape[0], c0 : c0 + crop.shape[1]] = crop
        return full

    def reordered(
        self, axes: tuple[int, ...], flips: tuple[bool, ...], shape: tuple[int, ...]
    ) -> "Structure":
        """The same structure in the grid of `geometry.reorder(values, axes, flips)`."""
        start = []
        for axis, flip in zip(axes, flips, strict=True):
            first, size = self.start[axis], self.mask.shape[axis]
            start.append(shape[axis] - first - size if flip else first)
        mask = reorder(self.mask, axes, flips)
        return replace(self, start=(start[0], start[1], start[2]), mask=mask)


def structure_of_slices(
    masks: dict[int, np.ndarray], label: str, *, shape: tuple[int, int, int],
    voxel_ml: float | None, instance: str | None = None, side: str | None = None,
) -> Structure | None:  # fmt: skip
    """A structure from full-size 2-D masks by slice index; None where no voxel is marked."""
    marked = {i: m for i, m in masks.items() if m.any()}
    if not marked:
        return None
    rows = np.any([m.any(axis=1) for m in marked.values()], axis=0).nonzero()[0]
    columns = np.any([m.any(axis=0) for m in marked.values()], axis=0).nonzero()[0]
    box = (
        slice(min(marked), max(marked) + 1),
        slice(int(rows[0]), int(rows[-1]) + 1),
        slice(int(columns[0]), int(columns[-1]) + 1),
    )
    crop = np.zeros([b.stop - b.start for b in box], bool)
    for i, mask in marked.items():
        crop[i - box[0].start] = mask[box[1], box[2]]
    return structure_of(
        crop, box, label, shape=shape, voxel_ml=voxel_ml, instance=instance, side=side
    )


def structure_of(
    mask: np.ndarray,
    box: tuple[slice, slice, slice],
    label: str,
    *,
    shape: tuple[int, ...],
    voxel_ml: float | None,
    instance: str | None = None,
    side: str | None = None,
) -> Structure:
    """A structure from a crop `mask` at `box` of a grid of `shape`; `voxel_ml` is mL a voxel."""
    start = tuple(b.start for b in box)
    touches = any(b.start == 0 or b.stop == n for b, n in zip(box, shape, strict=True) if n > 1)
    volume = None if voxel_ml is None else float(mask.sum()) * voxel_ml
    return Structure(label, start, mask, instance, volume, touches, side)  # type: ignore[arg-type]


def components_of(
    structure: Structure, shape: tuple[int, ...], voxel_ml: float | None
) -> Iterator[Structure]:
    """Its 26-connected parts, largest first, then by first voxel; instances "<label> 1", ..."""
    from scipy import ndimage

    parts, count = ndimage.label(structure.mask, structure=np.ones((3, 3, 3), bool))
    boxes = ndimage.find_objects(parts)
    sizes = np.bincount(parts.ravel(), minlength=count + 1)[1:]
    for rank, i in enumerate(sorted(range(count), key=lambda i: (-sizes[i], i)), start=1):
        box = tuple(
            slice(b.start + s, b.stop + s) for b, s in zip(boxes[i], structure.start, strict=True)
        )
        part = structure_of(
            parts[boxes[i]] == i + 1,
            box,  # type: ignore[arg-type]
            structure.label,
            shape=shape,
            voxel_ml=voxel_ml,
            instance=f"{structure.label} {rank}",
        )
        yield replace(
            structure,
            start=part.start,
            mask=part.mask,
            instance=part.instance,
            volume_ml=part.volume_ml,
            truncated=part.truncated,
        )


def structure_of_mask(
    mask: np.ndarray, label: str, *, voxel_ml: float | None, instance: str | None = None
) -> Structure | None:
    """A structure from a mask of the whole grid, which is not kept; None where it marks nothing."""
    box = []
    for axis in range(3):
        marked = np.flatnonzero(mask.any(axis=tuple(a for a in range(3) if a != axis)))
        if not marked.size:
            return None
        box.append(slice(int(marked[0]), int(marked[-1]) + 1))
    crop = mask[tuple(box)].astype(bool)  # a copy: a view would hold the whole grid
    return structure_of(
        crop,
        (box[0], box[1], box[2]),
        label,
        shape=mask.shape,
        voxel_ml=voxel_ml,
        instance=instance,
    )


def annotations(
    structures: list[Structure], plane: str, index: int, shape: tuple[int, int, int]
) -> list[Annotation]:
    """One annotation for every structure that has a voxel in this slice, in the order given.

    `shape` is that of the grid the structures lie in; masks are turned as `planes.shown` turns
    the pixels.
    """
    out = []
    for s in structures:
        mask = s.slice_mask(PLANE_AXIS[plane], index, shape)
        if mask is not None:
            out.append(
                Annotation(
                    label=s.label,
                    mask=shown(mask, plane),
                    instance=s.instance,
                    volume_ml=s.volume_ml,
                    truncated=s.truncated,
                    side=s.side,
                    score=s.score,
                    producer=s.producer,
                    candidate=s.candidate,
                    quality=s.quality,
                    volume_region=s.region_id,
                )
            )
    return out
