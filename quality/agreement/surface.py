"""Distance between the outlines of two masks, of a picture or of a volume, in mm where the spacing is known."""

from dataclasses import dataclass

import numpy as np

ROBUST = 95.0  # percentile: one stray pixel does not decide, as the maximum lets it


@dataclass(frozen=True)
class Distance:
    """hausdorff95  the larger of the two directed 95th percentiles
    mean         over the outline pixels of both, each to the nearest of the other (ASSD)
    unit         mm | px | voxels
    """

    hausdorff95: float
    mean: float
    unit: str


def distance(
    found: np.ndarray, truth: np.ndarray, spacing_mm: tuple[float, ...] | None = None
) -> Distance | None:
    """How far the outlines lie apart, between pixel centres; None where either mask is empty.

    found, truth  [H, W] or [S, H, W] bool
    spacing_mm    along each axis of the masks; None: counted in pixels

    The outline is every pixel of a mask with one of its four neighbours (of a volume: six) outside it,
    beyond the border of the grid included. Source of the definitions: Maier-Hein et al. 2024, Nat Methods
    21:195 (Metrics Reloaded), supplement.
    """
    from scipy.ndimage import distance_transform_edt

    if found.shape != truth.shape:
        raise ValueError("two masks of one shape are compared")
    if not found.any() or not truth.any():
        return None
    if spacing_mm is not None and len(spacing_mm) != found.ndim:
        raise ValueError("a spacing for each axis of the masks")
    window = _box(found | truth)
    ours, theirs = _outline(found[window]), _outline(truth[window])
    step = spacing_mm or (1.0,) * found.ndim
    to_theirs = distance_transform_edt(~theirs, sampling=step)[ours]
    to_ours = distance_transform_edt(~ours, sampling=step)[theirs]
    return Distance(
        hausdorff95=float(max(np.percentile(to_theirs, ROBUST), np.percentile(to_ours, ROBUST))),
        mean=float((to_theirs.sum() + to_ours.sum()) / (to_theirs.size + to_ours.size)),
        unit="mm" if spacing_mm is not None else "px" if found.ndim == 2 else "voxels",
    )


def _outline(mask: np.ndarray) -> np.ndarray:
    inner = mask.copy()
    for axis in range(mask.ndim):
        ahead, behind = np.zeros_like(mask), np.zeros_like(mask)
        first, last = [slice(None)] * mask.ndim, [slice(None)] * mask.ndim
        first[axis], last[axis] = slice(None, -1), slice(1, None)
        ahead[tuple(first)], behind[tuple(last)] = mask[tuple(last)], mask[tuple(first)]
        inner &= ahead & behind
    return mask & ~inner


def _box(mask: np.ndarray) -> tuple[slice, ...]:
    sides = []
    for axis in range(mask.ndim):
        at = np.flatnonzero(mask.any(axis=tuple(a for a in range(mask.ndim) if a != axis)))
        sides.append(slice(int(at[0]), int(at[-1]) + 1))
    return tuple(sides)
