"""Outline and shape of a region, from its mask alone."""

import cv2
import numpy as np

from transforms.regions.geometry import Axes
from transforms.regions.patch import Patch

OUTLINE_LEAST_PX = 40  # major axis below which a dent of 3 % is thinner than the mask's own steps
DENT = 0.03  # depth of a dent, as a share of the major axis
SMOOTH = (1, 0.97)  # at most so many dents, at least this convexity
IRREGULAR = (3, 0.93)  # at least so many dents, at most this convexity
STEPS_PX = 1.5  # roughness of this depth is the pixel grid's, not the thing's

SHAPE_LEAST_PX = 8  # minor axis below which one pixel more changes the word
ROUND, OVAL, ELONGATED = 0.85, (0.50, 0.78), 0.42  # minor over major axis
ELLIPTIC, CONVEX = 0.78, 0.92  # share of the ellipse on the two axes; share of the convex hull
STRAIGHT = 0.80  # share of the hull that an elongated region must fill, or it is bent


def outline_of(patch: Patch, axes: Axes, spacing_mm: tuple[float, float] | None) -> str | None:
    """smooth | irregular, or None where neither is sure.

    Irregular: three or more dents deeper than 3 % of the major axis, and a perimeter that exceeds
    the hull's by more than 7 %. Smooth: at most one dent, perimeter within 3 % of the hull's. So a
    kidney-shaped or crescent outline (one deep dent) is not called irregular, nor is one with the
    two or three gentle lobulations that BI-RADS (5th edition, ultrasound) still calls oval.
    """
    contour, scale = _contour(patch, spacing_mm)
    hull = cv2.convexHull(contour)
    span = axes.major * scale
    if span / scale / _coarsest(spacing_mm) < OUTLINE_LEAST_PX:
        return None
    path = cv2.approxPolyDP(contour, STEPS_PX * scale * _coarsest(spacing_mm), True)
    convexity = cv2.arcLength(hull, True) / cv2.arcLength(path, True)
    dents = _dents(contour, DENT * span)
    if dents <= SMOOTH[0] and convexity >= SMOOTH[1]:
        return "smooth"
    return "irregular" if dents >= IRREGULAR[0] and convexity <= IRREGULAR[1] else None


def _coarsest(spacing_mm: tuple[float, float] | None) -> float:
    return max(spacing_mm) if spacing_mm else 1.0


def _contour(patch: Patch, spacing_mm: tuple[float, float] | None) -> tuple[np.ndarray, float]:
    """Outer contour [N, 1, 2] int32 of the largest part, in quarter pixels of the finer spacing,
    and how many of those go into one unit (mm, or px)."""
    pixels = np.pad(patch.pixels, 1).astype(np.uint8)
    found, _ = cv2.findContours(pixels, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    row, column = spacing_mm or (1.0, 1.0)
    scale = 4 / min(row, column)
    largest = max(found, key=cv2.contourArea)
    return np.round(largest * (column * scale, row * scale)).astype(np.int32), scale


def _dents(contour: np.ndarray, depth: float) -> int:
    """How often the contour lies deeper than `depth` under its convex hull."""
    hull = cv2.convexHull(contour, returnPoints=False)
    defects = cv2.convexityDefects(contour, hull)
    if defects is None:
        return 0
    return int(np.count_nonzero(defects.reshape(-1, 4)[:, 3] > depth * 256))


def shape_of(patch: Patch, axes: Axes, spacing_mm: tuple[float, float] | None) -> str | None:
    """round | oval | elongated by the ratio of the axes, or None between them and for other shapes.

    Round and oval ask for an ellipse-like filling too: a square has equal diagonals.
    """
    row_mm, column_mm = spacing_mm or (1.0, 1.0)
    if axes.minor < SHAPE_LEAST_PX * max(row_mm, column_mm):
        return None
    ratio = axes.minor / axes.major
    if ratio <= ELONGATED:
        return "elongated" if axes.solidity >= STRAIGHT else None
    ellipse = np.pi / 4 * axes.major * axes.minor
    if axes.solidity < CONVEX or patch.count * row_mm * column_mm < ELLIPTIC * ellipse:
        return None
    if ratio >= ROUND:
        return "round"
    return "oval" if OVAL[0] <= ratio <= OVAL[1] else None
