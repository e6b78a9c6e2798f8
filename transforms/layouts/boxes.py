"""Boxes of every convention into one: x0, y0, x1, y1 in pixels, half-open, origin at the outer corner.

A pixel-index convention names pixels: "inclusive" counts the last pixel in, "1based" calls the first
pixel 1. A box of one single pixel, column 4 and row 7 counted from 0, is

    xyxy                   4 7 5 8        our own; half-open
    xyxy-inclusive         4 7 4 7        last pixel named
    xyxy-1based-inclusive  5 8 5 8        Pascal VOC
    xywh                   4 7 1 1        COCO: corner, width, height
    xywh-inclusive         4 7 0 0        width and height are last minus first
    xywh-1based            5 8 1 1        corner counted from 1
    cxcywh                 4.5 7.5 1 1    centre, width, height
    *-normalised           as shares of image width and height (YOLO: cxcywh-normalised)
"""

import math
from collections.abc import Callable

from schemas.reject import Fault

Four = tuple[float, float, float, float]


def _corner(a: float, b: float, c: float, d: float) -> Four:
    return a, b, a + c, b + d


def _center(a: float, b: float, c: float, d: float) -> Four:
    return a - c / 2, b - d / 2, a + c / 2, b + d / 2


CONVERT: dict[str, Callable[[float, float, float, float], Four]] = {
    "xyxy": lambda a, b, c, d: (a, b, c, d),
    "xyxy-inclusive": lambda a, b, c, d: (a, b, c + 1, d + 1),
    "xyxy-1based-inclusive": lambda a, b, c, d: (a - 1, b - 1, c, d),
    "xywh": _corner,
    "xywh-inclusive": lambda a, b, c, d: _corner(a, b, c + 1, d + 1),
    "xywh-1based": lambda a, b, c, d: _corner(a - 1, b - 1, c, d),
    "cxcywh": _center,
}

SNAP = 1e-6  # px; a rounding error of normalised text must not push a box over the border
SLACK = 1.0  # px; 0-based tools write VOC files too, so a border may be passed by one pixel


def half_open(numbers: tuple[float, ...], convention: str, width: int, height: int) -> Four:
    """A half-open pixel box inside an image of width x height.

    A border passed by at most one pixel is cut there. Raises Fault: box_invalid where a number is
    not finite or an edge is reversed, box_outside_image where the box lies (partly) outside or has
    no area.
    """
    if len(numbers) != 4 or not all(math.isfinite(n) for n in numbers):
        raise Fault("box_invalid", "an edge is not a finite number", "region")
    name = convention.removesuffix("-normalised")
    if name != convention:
        numbers = tuple(n * s for n, s in zip(numbers, (width, height) * 2, strict=True))
    x0, y0, x1, y1 = CONVERT[name](*numbers)
    if x1 < x0 or y1 < y0:
        raise Fault("box_invalid", "an edge is reversed", "region")
    if x1 - x0 <= SNAP or y1 - y0 <= SNAP:
        raise Fault("box_outside_image", "the box has no area", "region")
    if min(x0, y0) < -SLACK - SNAP or x1 > width + SLACK + SNAP or y1 > height + SLACK + SNAP:
        raise Fault(
            "box_outside_image", f"the box leaves the image of {width} x {height}", "region"
        )
    box = (max(x0, 0.0), max(y0, 0.0), min(x1, float(width)), min(y1, float(height)))
    if box[2] - box[0] <= SNAP or box[3] - box[1] <= SNAP:
        raise Fault("box_outside_image", "the box lies outside the image", "region")
    return box[0], box[1], box[2], box[3]
