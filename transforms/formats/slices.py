"""Which slices of a volume are shown."""

import numpy as np

from transforms.formats.planes import PLANE_AXIS
from transforms.formats.structures import Structure
from transforms.formats.volume import Cut


def choose(
    structures: list[Structure], plane: str, cut: Cut, *, length: int, gap_mm: float | None,
    usable: np.ndarray | None = None,
) -> list[int]:  # fmt: skip
    """Indices of the slices to show, ascending, at most `cut.max_slices`.

    length  number of slices across the plane
    gap_mm  distance between neighbours; None: `step_mm` cannot be applied
    usable  [length] bool: slices that show anything; None: all
    """
    candidates = _stepped(length, gap_mm, cut.step_mm)
    if usable is not None and usable[candidates].any():
        candidates = candidates[usable[candidates]]
    axis = PLANE_AXIS[plane]
    areas = np.array([s.areas(axis, length) for s in structures]).reshape(-1, length)
    if cut.prefer == "even" or not areas[:, candidates].any():
        return _spread(candidates, cut.max_slices)
    if cut.prefer == "largest":
        total = areas.sum(axis=0)
        ranked = sorted(candidates, key=lambda i: (-total[i], i))
        return sorted(int(i) for i in ranked[: cut.max_slices] if total[i])
    return _covering(areas, candidates, cut.max_slices)


def stacks_of(
    chosen: list[int], cut: Cut, *, length: int, gap_mm: float | None
) -> dict[int, tuple[int, ...]]:
    """Every slice to show, ascending, with the indices of the stack it is the middle of, () for none."""
    if cut.stack == 1:
        return dict.fromkeys(chosen, ())
    stacks = {
        i: stack_around(i, cut.stack, length=length, gap_mm=gap_mm, step_mm=cut.stack_step_mm)
        for i in chosen
    }
    shown = sorted({i for stack in stacks.values() for i in stack})
    return {i: stacks.get(i, ()) for i in shown}


def stack_around(
    index: int, count: int, *, length: int, gap_mm: float | None, step_mm: float | None
) -> tuple[int, ...]:
    """Ascending indices of `count` slices (odd) with `index` in the middle, fewer where the volume ends.

    Neighbours, or with `step_mm` the slices nearest to multiples of it on either side.
    """
    if count < 1 or count % 2 == 0:
        raise ValueError(f"a stack of {count} slices has no middle one; give an odd number")
    stride = 1.0 if step_mm is None or not gap_mm else max(1.0, step_mm / gap_mm)
    reach = np.arange(-(count // 2), count // 2 + 1)
    found = index + np.sign(reach) * np.floor(np.abs(reach) * stride + 0.5).astype(int)
    return tuple(int(i) for i in found if 0 <= i < length)


def _stepped(length: int, gap_mm: float | None, step_mm: float | None) -> np.ndarray:
    """Every slice, or those nearest to multiples of `step_mm` from the middle one."""
    if step_mm is None or gap_mm is None or step_mm <= gap_mm:
        return np.arange(length)
    middle = (length - 1) // 2
    reach = int(length * gap_mm / step_mm) + 1
    steps = np.rint(middle + np.arange(-reach, reach + 1) * (step_mm / gap_mm)).astype(int)
    return np.unique(steps[(steps >= 0) & (steps < length)])


def _spread(candidates: np.ndarray, count: int) -> list[int]:
    """`count` candidates, each the middle of one of `count` equal parts."""
    if len(candidates) <= count:
        return [int(i) for i in candidates]
    places = (np.arange(count) + 0.5) * len(candidates) / count
    return [int(candidates[int(p)]) for p in places]


def _covering(areas: np.ndarray, candidates: np.ndarray, count: int) -> list[int]:
    """Slices with regions: first those showing most structures not yet shown well, then spread.

    A structure counts as shown in a slice that holds at least half of its largest cut, so that no
    organ is represented by its last few voxels.
    """
    inside = areas[:, candidates]
    inside = inside[inside.any(axis=1)]
    well = inside * 2 >= inside.max(axis=1, keepdims=True)
    waiting = np.ones(len(inside), bool)
    chosen: list[int] = []
    while waiting.any() and len(chosen) < count:
        gain = well[waiting].sum(axis=0)
        share = (inside / inside.max(axis=1, keepdims=True))[waiting].sum(axis=0)
        best = int(np.lexsort((np.arange(len(candidates)), -share, -gain))[0])
        chosen.append(best)
        waiting &= ~well[:, best]
    rest = [i for i in np.flatnonzero(inside.any(axis=0)) if i not in chosen]
    chosen += _spread(np.array(rest, dtype=int), count - len(chosen)) if rest else []
    return sorted(int(candidates[i]) for i in chosen)
