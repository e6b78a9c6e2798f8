"""Contours drawn on a slide, in level-0 pixels, and what of them lies in a tile."""

from collections.abc import Iterable
from dataclasses import dataclass, field

import numpy as np

from transforms.layouts.polygons import polygon_mask
from transforms.picture import Annotation

Box = tuple[float, float, float, float]


@dataclass(frozen=True)
class Contour:
    """One object drawn on a slide.

    rings   each [N, 2] (x, y) level-0 px, origin at the outer corner of the first pixel; even-odd: the
            first is the outside, the others are holes in it
    cuts    rings whose inside is taken away, wherever they lie (negative contours)
    """

    label: str
    rings: tuple[np.ndarray, ...]
    instance: str
    cuts: tuple[np.ndarray, ...] = ()
    box: Box = field(init=False)

    def __post_init__(self) -> None:
        low, high = self.rings[0].min(axis=0), self.rings[0].max(axis=0)
        object.__setattr__(self, "box", (low[0], low[1], high[0], high[1]))


def pixels_of(
    contour: Contour, corner: tuple[float, float], step: tuple[float, float], shape: tuple[int, int]
) -> np.ndarray:
    """[H, W] bool: pixels whose centre lies inside. `corner` (x, y) level-0 px, `step` level-0 px a pixel.

    A centre belongs to one tile only, so the areas in tiles that do not overlap add up exactly to
    the area on the slide.
    """
    inside = polygon_mask([_moved(r, corner, step, shape) for r in contour.rings], shape)
    for ring in contour.cuts:
        if inside.any():
            inside &= ~polygon_mask([_moved(ring, corner, step, shape)], shape)
    return inside


def _moved(
    ring: np.ndarray, corner: tuple[float, float], step: tuple[float, float], shape: tuple[int, int]
) -> np.ndarray:
    """The ring in pixels of the tile; runs of points that lie beyond one side are left out.

    Edges wholly above, below or to the right of a tile cross none of its scan lines before its right
    border, and of those to the left only their height matters, so a long contour costs a tile
    no more than the part that passes it.
    """
    points = (np.asarray(ring, np.float64) - corner) / step
    height, width = shape
    side = (
        np.where(points[:, 1] < -1, 1, 0)
        + np.where(points[:, 1] > height + 1, 2, 0)
        + np.where(points[:, 0] > width + 1, 4, 0)
    )
    beyond = (side > 0) & (side == np.roll(side, 1)) & (side == np.roll(side, -1))
    kept = points[~beyond]
    return kept if len(kept) >= 3 else points


def in_tile(
    contours: Iterable[Contour], corner: tuple[float, float], step: tuple[float, float], side: int
) -> list[Annotation]:
    """Annotations of every contour that has a pixel in a tile of `side` px; `truncated` where it goes on."""
    extent = side * step[0], side * step[1]
    found = []
    for contour in contours:
        x0, y0, x1, y1 = contour.box
        if x1 <= corner[0] or y1 <= corner[1]:
            continue
        if x0 >= corner[0] + extent[0] or y0 >= corner[1] + extent[1]:
            continue
        mask = pixels_of(contour, corner, step, (side, side))
        if not mask.any():
            continue
        cut = (
            x0 < corner[0]
            or y0 < corner[1]
            or x1 > corner[0] + extent[0]
            or y1 > corner[1] + extent[1]
        )
        found.append(
            Annotation(contour.label, mask=mask, instance=contour.instance, truncated=bool(cut))
        )
    return found


def marked(
    contours: Iterable[Contour], origin: tuple[int, int], scale: float, shape: tuple[int, int]
) -> np.ndarray:
    """[H, W] bool of an overview: where contours lie, each with at least the pixel of its middle."""
    out = np.zeros(shape, bool)
    for contour in contours:
        out |= pixels_of(contour, origin, (scale, scale), shape)
        x0, y0, x1, y1 = contour.box
        column = int(((x0 + x1) / 2 - origin[0]) / scale)
        row = int(((y0 + y1) / 2 - origin[1]) / scale)
        if 0 <= row < shape[0] and 0 <= column < shape[1]:
            out[row, column] = True
    return out
