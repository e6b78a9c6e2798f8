"""How much of a mask lies in each rectangle of a grid, exactly, for all of them at once."""

import numpy as np


def shares(
    mask: np.ndarray, left: np.ndarray, top: np.ndarray, size: tuple[float, float]
) -> np.ndarray:
    """[len(top), len(left)] share of set pixels in rectangles of `size` (width, height), in pixels.

    mask  [H, W] bool. Corners may be fractional; what lies outside the mask counts as not set. From
    the integral image (Crow, SIGGRAPH 1984), which is bilinear between pixel corners, so nothing
    is rounded.
    """
    height, width = mask.shape
    total = np.zeros((height + 1, width + 1))
    np.cumsum(np.cumsum(mask, axis=0, dtype=np.float64), axis=1, out=total[1:, 1:])
    rows = _at(total, top + size[1]) - _at(total, top)
    both = _at(rows.T, left + size[0]) - _at(rows.T, left)
    return np.clip(both.T / (size[0] * size[1]), 0.0, 1.0)


def _at(table: np.ndarray, place: np.ndarray) -> np.ndarray:
    """[len(place), W] rows of `table` [N, W] at fractional row numbers, clamped to its ends."""
    place = np.clip(place, 0, len(table) - 1)
    low = np.minimum(place.astype(int), len(table) - 2) if len(table) > 1 else place.astype(int)
    share = (place - low)[:, None]
    return table[low] * (1 - share) + table[low + 1] * share
