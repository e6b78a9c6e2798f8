"""Boxes as detectors give them to findings: inside the picture, one of several that overlap."""

from collections.abc import Iterable
from math import isfinite

from expert_models.experts.base import Found
from expert_models.experts.merge import suppress

LEAST_PX = 1.0  # a box thinner than a pixel after clipping marks nothing


def box_found(
    label: str, box: Iterable[float], score: float, shape: tuple[int, int]
) -> Found | None:
    """A finding of a box (x0, y0, x1, y1) px, clipped to a picture of (height, width); None: outside."""
    x0, y0, x1, y1 = (float(edge) for edge in box)
    if not all(map(isfinite, (x0, y0, x1, y1))):
        return None
    height, width = shape
    x0, x1 = max(0.0, x0), min(float(width), x1)
    y0, y1 = max(0.0, y0), min(float(height), y1)
    if x1 - x0 < LEAST_PX or y1 - y0 < LEAST_PX:
        return None
    return Found(label, box=(x0, y0, x1, y1), score=score)


def surest(found: list[Found], *, iou: float | None) -> list[Found]:
    """By score; of findings of one label that overlap by `iou`, the surest. None: all stay."""
    order = sorted(found, key=lambda one: -(one.score or 0.0))
    if iou is None:
        return order
    return [merged.found for merged in suppress([("", one) for one in order], iou=iou)]
