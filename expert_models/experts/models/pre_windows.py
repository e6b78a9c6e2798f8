"""Overlapping windows over a canvas, and how what was said of them is joined. Axes as the canvas has them.

As MONAI's sliding_window_inference places and weighs them (MONAI consortium, arXiv:2211.02701).
"""

from itertools import product

import numpy as np

SIGMA = 0.125  # of the Gaussian, share of a window's side
LEAST = 1e-3  # weight at the corners, so that nothing is divided by zero

Corner = tuple[int, ...]


def corners(canvas: Corner, size: Corner, overlap: float) -> list[Corner]:
    """Where windows begin, last axis fastest; the last of an axis ends with the canvas."""
    return list(product(*(_starts(n, w, overlap) for n, w in zip(canvas, size, strict=True))))


def _starts(length: int, window: int, overlap: float) -> list[int]:
    step = max(1, int(window * (1 - overlap)))
    count = -(-(length - window) // step) + 1
    return [min(i * step, length - window) for i in range(count)]


def window_at(corner: Corner, size: Corner) -> tuple[slice, ...]:
    """The slices of one window."""
    return tuple(slice(start, start + n) for start, n in zip(corner, size, strict=True))


def weights(size: Corner, blend: str) -> np.ndarray:
    """[*size] float32: how much each place of a window counts; gaussian: its middle most."""
    made = np.ones(size, np.float64)
    if blend == "gaussian":
        for axis, n in enumerate(size):
            away = (np.arange(n) - (n - 1) / 2) / (SIGMA * n)
            made *= np.exp(-0.5 * away**2).reshape(
                [-1 if i == axis else 1 for i in range(len(size))]
            )
    return np.maximum(made, max(made.min(), LEAST)).astype(np.float32)
