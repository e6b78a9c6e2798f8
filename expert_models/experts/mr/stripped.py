"""A scan whose skull the source took off: what is left is the brain."""

import numpy as np

from expert_models.experts.volume.grid import Spacing
from expert_models.experts.volume.shape import filled_slices, volume_ml

LEAST_EMPTY = 0.4  # share of voxels that hold one and the same value: taken out, not measured
ONE_PART = 0.98  # share of the rest that is one part


def stripped_brain(
    values: np.ndarray, spacing: Spacing, brain_ml: tuple[float, float]
) -> np.ndarray | None:
    """[S, H, W] bool: all that is left, holes filled; None where the scan is not of a bare brain.

    A head whose air was masked is larger than any brain, and stays in doubt where it is a child's: the
    empty value must also come next to bright tissue, as no skin is bright on its outermost voxels.
    """
    from scipy.ndimage import binary_erosion, label

    empty = values == values[0, 0, 0]
    if empty.mean() < LEAST_EMPTY:
        return None
    marks, count = label(~empty)
    if not count:
        return None
    sizes = np.bincount(marks.ravel())[1:]
    if sizes.max() < ONE_PART * sizes.sum():
        return None
    left = marks == int(sizes.argmax()) + 1
    whole = filled_slices(left)
    if not brain_ml[0] <= volume_ml(whole, spacing) <= brain_ml[1]:
        return None
    return whole if _bare(values, whole, binary_erosion(whole, iterations=3)) else None


def _bare(values: np.ndarray, whole: np.ndarray, core: np.ndarray) -> bool:
    """No dark band of bone a little below the surface: from there inward it is as bright as within."""
    from scipy.ndimage import binary_erosion

    if not core.any():
        return False
    deep = binary_erosion(core, iterations=5)
    shell = core & ~deep
    return bool(deep.any() and np.median(values[shell]) > 0.6 * np.median(values[deep]))
