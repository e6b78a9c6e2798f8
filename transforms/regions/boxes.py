"""Boxes that a source gives without a mask: accepted, clipped by at most a pixel, or refused."""

import math
from collections.abc import Sequence

from schemas.reject import Fault

OVERSHOOT_PX = (
    1.0  # a border drawn on the outer side of the last pixel; more is another image's box
)


def fit_box(
    box: tuple[float, float, float, float], frame: tuple[int, int]
) -> tuple[list[float], float]:
    """The box inside the image, and by how many pixels it had to be clipped (0: not at all).

    box      x0, y0, x1, y1, half-open pixels
    frame    (height, width)

    Raises Fault `box_invalid` on edges that are reversed or not finite, `box_outside_image` on a
    box without area, wholly outside, or more than OVERSHOOT_PX beyond a border.
    """
    x0, y0, x1, y1 = (float(edge) for edge in box)
    height, width = frame
    if not all(map(math.isfinite, (x0, y0, x1, y1))) or x1 < x0 or y1 < y0:
        raise Fault("box_invalid", f"edges {x0:g}, {y0:g}, {x1:g}, {y1:g}")
    overshoot = max(-x0, -y0, x1 - width, y1 - height, 0.0)
    inside = [max(x0, 0.0), max(y0, 0.0), min(x1, float(width)), min(y1, float(height))]
    empty = inside[2] <= inside[0] or inside[3] <= inside[1]
    if empty or overshoot > OVERSHOOT_PX:
        raise Fault(
            "box_outside_image",
            f"edges {x0:g}, {y0:g}, {x1:g}, {y1:g} in an image of {width} x {height}",
        )
    return inside, overshoot


def overlap_of(a: Sequence[float], b: Sequence[float]) -> float:
    """Intersection over union of two half-open boxes x0, y0, x1, y1; 0 where they do not meet."""
    width = min(a[2], b[2]) - max(a[0], b[0])
    height = min(a[3], b[3]) - max(a[1], b[1])
    both = max(width, 0.0) * max(height, 0.0)
    return both / ((a[2] - a[0]) * (a[3] - a[1]) + (b[2] - b[0]) * (b[3] - b[1]) - both)
