"""Polygons in pixel coordinates into masks: corners at outer pixel corners, even-odd, with holes."""

import numpy as np


def polygon_mask(rings: list[np.ndarray], shape: tuple[int, int]) -> np.ndarray:
    """[H, W] bool of the pixels whose centre lies inside an odd number of rings.

    rings  each [N, 2] of (x, y) in pixels, origin at the outer corner of the top left pixel, so
           that the ring (0,0) (2,0) (2,1) (0,1) covers exactly the first two pixels of row 0. The
           first ring is the outside, the others are holes; a ring need not be closed.
    """
    inside = np.zeros(shape, bool)
    for ring in rings:
        inside ^= _ring_mask(np.asarray(ring, np.float64), shape)
    return inside


def _ring_mask(ring: np.ndarray, shape: tuple[int, int]) -> np.ndarray:
    """Scan-line fill: in each row, pixels between the 1st and 2nd, 3rd and 4th, ... crossing."""
    height, width = shape
    start, end = ring, np.roll(ring, -1, axis=0)
    mask = np.zeros(shape, bool)
    low, high = ring[:, 1].min(), ring[:, 1].max()
    for row in range(max(0, int(np.floor(low))), min(height, int(np.ceil(high)))):
        y = row + 0.5
        crosses = (start[:, 1] <= y) != (end[:, 1] <= y)
        (xs, ys), (xe, ye) = start[crosses].T, end[crosses].T
        cuts = np.sort(xs + (y - ys) * (xe - xs) / (ye - ys))
        columns = np.clip(np.ceil(cuts - 0.5), 0, width).astype(
            int
        )  # first centre at or after a cut
        for left, right in zip(columns[::2], columns[1::2], strict=True):
            mask[row, left:right] = True
    return mask
