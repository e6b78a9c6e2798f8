"""Where a region lies and how large it is in the image plane."""

from dataclasses import dataclass

import cv2
import numpy as np

from schemas.region import POSITIONS
from transforms.regions.patch import Patch

FILLS = 0.6  # a region wider and higher than this share of the image lies nowhere in particular
NEAR, LARGE = 0.02, 0.25  # shares of an image side: doubt about a grid line, for things so large
ONE_PART = 0.9  # share of pixels in the largest part, above which a region has one length
SOLID = (
    0.25  # share of its convex hull that a region must fill to have a length (a vessel tree: 0.1)
)


@dataclass(frozen=True)
class Axes:
    """Two perpendicular diameters. `hull` is [N, 2] (x, y), scaled to `unit`, in order round it."""

    major: float
    minor: float
    unit: str  # mm | px
    hull: np.ndarray
    solidity: float  # area of the pixels over area of the hull


def position_of(centre: tuple[float, float], frame: tuple[int, int]) -> str:
    """The word for a point in a 3 x 3 grid with edges at thirds of the image as shown.

    centre  (x, y) in pixels; frame (height, width). A point on an edge belongs to the middle third,
    so that mirrored images get mirrored words.
    """
    (x, y), (height, width) = centre, frame
    return POSITIONS[3 * _third(y, height) + _third(x, width)]


def _third(at: float, side: int) -> int:
    if 3 * at < side:
        return 0
    return 2 if 3 * at > 2 * side else 1


def fills_image(box: list[float], frame: tuple[int, int]) -> bool:
    """The box is wider and higher than FILLS of the image: a position word would mislead."""
    x0, y0, x1, y1 = box
    return x1 - x0 > FILLS * frame[1] and y1 - y0 > FILLS * frame[0]


def on_grid_line(centre: tuple[float, float], box: list[float], frame: tuple[int, int]) -> bool:
    """The center lies within NEAR of a line between thirds, and the box is LARGE along that axis.

    A lung whose centroid is one pixel right of the line would be "in the center"; a small nodule
    there is well enough told by either word.
    """
    return any(
        box[axis + 2] - box[axis] >= LARGE * side
        and min(abs(centre[axis] - side / 3), abs(centre[axis] - 2 * side / 3)) <= NEAR * side
        for axis, side in ((0, frame[1]), (1, frame[0]))
    )


def axes_of(patch: Patch, spacing_mm: tuple[float, float] | None) -> Axes:
    """Longest diameter, and the longest chord perpendicular to it, of the region's convex hull.

    The hull runs through the midpoints of the outer pixel edges, as in
    `feret_diameter_max` of skimage's regionprops: a row of ten pixels is 10 px long, a single pixel
    1 px. Between pixel centres everything would be a pixel short; between outer corners a
    disc would be too long.

    spacing_mm  (between rows, between columns); both diameters are taken after scaling, for with
                unequal spacing the longest diameter in mm may be another than in pixels.

    Source: longest diameter and longest perpendicular diameter, Eisenhauer et al. 2009 (RECIST 1.1)
    and WHO handbook 1979.
    """
    row_mm, column_mm = spacing_mm or (1.0, 1.0)
    outer = cv2.convexHull(_edge_midpoints(patch.pixels))[:, 0].astype(np.float64)
    hull = outer * (column_mm, row_mm)
    offsets = hull[:, None] - hull[None]
    # rounded: equal diagonals tie exactly, and the first one wins
    apart = np.round(np.hypot(offsets[..., 0], offsets[..., 1]), 9)
    first, second = np.unravel_index(int(apart.argmax()), apart.shape)
    hull_area = float(cv2.contourArea(outer.astype(np.float32)))
    return Axes(
        major=float(apart[first, second]),
        minor=_widest_chord(hull, hull[first], hull[second]),
        unit="mm" if spacing_mm else "px",
        hull=hull,
        solidity=min(1.0, patch.count / hull_area),
    )


def _edge_midpoints(pixels: np.ndarray) -> np.ndarray:
    """[N, 2] float32 (x, y): midpoints of the outermost pixel edges of each row and column."""
    height, width = pixels.shape
    rows, columns = np.flatnonzero(pixels.any(1)), np.flatnonzero(pixels.any(0))
    first_x, first_y = pixels.argmax(1)[rows], pixels.argmax(0)[columns]
    last_x = width - pixels[:, ::-1].argmax(1)[rows]
    last_y = height - pixels[::-1].argmax(0)[columns]
    x = np.concatenate([first_x, last_x, columns + 0.5, columns + 0.5])
    y = np.concatenate([rows + 0.5, rows + 0.5, first_y, last_y])
    return np.column_stack([x, y]).astype(np.float32)


def _widest_chord(hull: np.ndarray, start: np.ndarray, end: np.ndarray) -> float:
    """Longest chord of a convex polygon perpendicular to the line from `start` to `end`.

    Along the line the chord grows and shrinks piecewise linearly, so its maximum is at a corner.
    """
    along = (end - start) / np.linalg.norm(end - start)
    offsets = hull - start
    t, side = offsets @ along, offsets @ np.array([-along[1], along[0]])
    length = float(np.linalg.norm(end - start))
    heights = np.zeros_like(t)
    for sign in (1.0, -1.0):
        chain = sign * side > 0
        order = np.argsort(t[chain], kind="stable")
        at = np.concatenate([[0.0], t[chain][order], [length]])
        heights += np.interp(t, at, np.concatenate([[0.0], (sign * side)[chain][order], [0.0]]))
    return float(np.round(heights.max(), 9))


def has_length(patch: Patch, axes: Axes, largest_part: int) -> bool:
    """The region is one compact thing, wholly in view, so that its diameters mean something.

    largest_part  pixels of its largest connected part
    """
    return (
        not patch.touches_border
        and largest_part >= ONE_PART * patch.count
        and axes.solidity >= SOLID
    )
