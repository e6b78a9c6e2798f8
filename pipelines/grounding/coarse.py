"""Masks that are no outlines: what can be told from the mask alone.

A filled box, and the ellipse inscribed in a box, follow from the box: such a mask says no more than it. A convex
polygon of few corners was drawn in a hurry. Below LEAST_PX a pixel's steps make any round thing an ellipse and an
octagon, so there only a filled box is told. A thing that is an upright ellipse to 3 % cannot be told from one that
was drawn as such: of 508 annotated masks of that size in 11 public sets none was taken for coarse; of HC18's 12
heads, which were drawn as ellipses, the 3 that lie upright.
"""

from typing import Any

import cv2
import numpy as np

from transforms.regions.patch import patch_of_rle

SAME = 0.97  # IoU from which two shapes are one
LEAST_PX = 48  # shorter side of the box
CORNERS = 8  # at most, of a polygon within a pixel of the convex hull


def is_coarse(code: dict[str, Any]) -> bool:
    """Is the mask (COCO run-length code) a filled box, the ellipse inscribed in it, or a convex polygon of at most
    CORNERS corners? Inclined ellipses are not: they were fitted to the thing."""
    patch = patch_of_rle(code)
    if patch is None:
        return False
    if patch.count >= SAME * patch.pixels.size:
        return True
    if min(patch.pixels.shape) < LEAST_PX:
        return False
    return _iou(patch.pixels, _inscribed(*patch.pixels.shape)) >= SAME or _few_corners(patch.pixels)


def _inscribed(height: int, width: int) -> np.ndarray:
    """[height, width] bool: pixels whose centre lies in the ellipse that touches all four sides."""
    y = (2 * np.arange(height) + 1) / height - 1
    x = (2 * np.arange(width) + 1) / width - 1
    return np.asarray(y[:, None] ** 2 + x[None, :] ** 2 <= 1)


def _few_corners(pixels: np.ndarray) -> bool:
    """Is it its convex hull, and that a polygon of few corners?"""
    rows, columns = np.nonzero(pixels)
    hull = cv2.convexHull(np.column_stack([columns, rows]).astype(np.int32))
    corners = cv2.approxPolyDP(hull, 1.0, True)
    if len(corners) > CORNERS:
        return False
    drawn = cv2.fillConvexPoly(np.zeros(pixels.shape, np.uint8), corners, 1)
    return _iou(pixels, drawn != 0) >= SAME


def _iou(one: np.ndarray, other: np.ndarray) -> float:
    return float(np.count_nonzero(one & other) / np.count_nonzero(one | other))
