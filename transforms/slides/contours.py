"""Contours drawn on a slide, in level-0 pixels, and what of them lies in a tile."""

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


class Drawn:
    """All contours of a slide, with their boxes side by side: a tile asks only those near it."""

    def __init__(self, contours: list[Contour]) -> None:
        self.contours = contours
        self._boxes = np.array([c.box for c in contours], np.float64).reshape(-1, 4)

    def __bool__(self) -> bool:
        return bool(self.contours)

    def in_tile(
        self, corner: tuple[float, float], step: tuple[float, float], side: int
    ) -> list[Annotation]:
        """Annotations of what has a pixel in a tile of `side` px; `truncated` where it goes on."""
        left, top = corner
        right, bottom = left + side * step[0], top + side * step[1]
        x0, y0, x1, y1 = self._boxes.T
        near = (x1 > left) & (y1 > top) & (x0 < right) & (y0 < bottom)
        cut = (x0 < left) | (y0 < top) | (x1 > right) | (y1 > bottom)
        found = []
        for number in np.flatnonzero(near):
            one = self.contours[number]
            mask = pixels_of(one, corner, step, (side, side))
            if mask.any():
                found.append(
                    Annotation(one.label, mask, instance=one.instance, truncated=bool(cut[number]))
                )
        return found

    def marked(self, origin: tuple[int, int], scale: float, shape: tuple[int, int]) -> np.ndarray:
        """[H, W] bool of an overview: where contours lie, each with at least the pixel of its middle."""
        out = np.zeros(shape, bool)
        for one, box in zip(self.contours, self._boxes, strict=True):
            low = np.floor((box[:2] - origin) / scale).astype(int)
            high = np.ceil((box[2:] - origin) / scale).astype(int)
            low, high = np.maximum(low, 0), np.minimum(high, shape[::-1])
            if (low >= high).any():
                continue
            part = out[low[1] : high[1], low[0] : high[0]]
            corner = low[0] * scale + origin[0], low[1] * scale + origin[1]
            part |= pixels_of(one, corner, (scale, scale), part.shape)
            column, row = ((box[:2] + box[2:]) / 2 - origin) / scale
            if 0 <= row < shape[0] and 0 <= column < shape[1]:
                out[int(row), int(column)] = True
        return out
