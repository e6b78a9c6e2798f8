"""Means over discs around each pixel: what searches for a disc that differs from its ring share."""

import numpy as np


def disc_of(radius: int) -> np.ndarray:
    """[2r + 1, 2r + 1] float32: 1 inside the circle of this radius in pixels, 0 outside."""
    y, x = np.ogrid[-radius : radius + 1, -radius : radius + 1]
    return np.asarray(y**2 + x**2 <= radius**2, np.float32)


def mean_over(values: np.ndarray, weight: np.ndarray, window: np.ndarray) -> np.ndarray:
    """[H, W]: mean over a window around each pixel, of pixels with weight only."""
    import cv2

    total = cv2.filter2D(values * weight, cv2.CV_32F, window, borderType=cv2.BORDER_CONSTANT)
    count = cv2.filter2D(weight, cv2.CV_32F, window, borderType=cv2.BORDER_CONSTANT)
    return np.asarray(total / np.maximum(count, 1.0))
