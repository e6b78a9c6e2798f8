"""Distance between the outlines of two masks, in mm where the spacing is known."""

from dataclasses import dataclass

import numpy as np

ROBUST = 95.0  # percentile: one stray pixel does not decide, as the maximum lets it


@dataclass(frozen=True)
class Distance:
    """hausdorff95  the larger of the two directed 95th percentiles
    mean         over the outline pixels of both, each to the nearest of the other (ASSD)
    unit         mm | px
    """

    hausdorff95: float
    mean: float
    unit: str


def distance(
    found: np.ndarray, truth: np.ndarray, spacing_mm: tuple[float, float] | None = None
) -> Distance | None:
    """How far the outlines lie apart, between pixel centres; None where either mask is empty.

    found, truth  [H, W] bool
    spacing_mm    (between rows, between columns); None: counted in pixels

    The outline is every pixel of a mask with one of its four neighbours outside it, beyond the border of
    the picture included. Source of the definitions: Maier-Hein et al. 2024, Nat Methods 21:195
    (Metrics Reloaded), supplement.
    """
    from scipy.ndimage import distance_transform_edt

    if found.shape != truth.shape:
        raise ValueError("two masks of one shape are compared")
    if not found.any() or not truth.any():
        return None
    window = _box(found | truth)
    ours, theirs = _outline(found[window]), _outline(truth[window])
    step = spacing_mm or (1.0, 1.0)
    to_theirs = distance_transform_edt(~theirs, sampling=step)[ours]
    to_ours = distance_transform_edt(~ours, sampling=step)[theirs]
    return Distance(
        hausdorff95=float(max(np.percentile(to_theirs, ROBUST), np.percentile(to_ours, ROBUST))),
        mean=float((to_theirs.sum() + to_ours.sum()) / (to_theirs.size + to_ours.size)),
        unit="px" if spacing_mm is None else "mm",
    )


def _outline(mask: np.ndarray) -> np.ndarray:
    padded = np.pad(mask, 1)
    inner = padded[:-2, 1:-1] & padded[2:, 1:-1] & padded[1:-1, :-2] & padded[1:-1, 2:]
    return mask & ~inner


def _box(mask: np.ndarray) -> tuple[slice, slice]:
    rows, columns = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
    return slice(rows[0], rows[-1] + 1), slice(columns[0], columns[-1] + 1)
