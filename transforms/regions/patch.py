"""Patch: the pixels of one region as a tight crop, so that no step walks the whole image."""

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import cv2
import numpy as np
from pycocotools import mask as coco


@dataclass(frozen=True)
class Patch:
    """A tight crop of one mask and where the crop lies.

    pixels   [h, w] bool; every side of the crop holds at least one pixel of the region
    top      row of the crop's first row in the image, from 0
    left     column of the crop's first column in the image, from 0
    frame    (height, width) of the image
    """

    pixels: np.ndarray
    top: int
    left: int
    frame: tuple[int, int]

    @cached_property
    def count(self) -> int:
        """Pixels of the region."""
        return int(np.count_nonzero(self.pixels))

    @property
    def bottom(self) -> int:
        return self.top + self.pixels.shape[0]

    @property
    def right(self) -> int:
        return self.left + self.pixels.shape[1]

    @property
    def box(self) -> list[float]:
        """x0, y0, x1, y1: tight, half-open pixels."""
        return [float(self.left), float(self.top), float(self.right), float(self.bottom)]

    @property
    def area_fraction(self) -> float:
        """Share of the image that the region covers."""
        return self.count / (self.frame[0] * self.frame[1])

    @property
    def touches_border(self) -> bool:
        """The region reaches the edge of the image, so part of the thing may lie beyond it."""
        near = self.top == 0 or self.left == 0
        return near or self.bottom == self.frame[0] or self.right == self.frame[1]

    @cached_property
    def centroid(self) -> tuple[float, float]:
        """(x, y) in pixels; the centre of the image's first pixel is (0.5, 0.5)."""
        rows, columns = np.nonzero(self.pixels)
        return (
            self.left + int(columns.sum()) / self.count + 0.5,
            self.top + int(rows.sum()) / self.count + 0.5,
        )

    @cached_property
    def rle(self) -> dict[str, Any]:
        """COCO compressed run-length code of the full-size mask, `counts` as text.

        The runs are found on the crop: encoding a full-size mask for each of a hundred nuclei costs
        more than everything else that is done with them.
        """
        height, width = self.frame
        columns = np.zeros((self.pixels.shape[1], self.pixels.shape[0] + 2), np.int8)
        columns[:, 1:-1] = self.pixels.T
        edges = np.diff(columns, axis=1)
        starts, ends = (_places(edges == sign, self, height) for sign in (1, -1))
        joined = starts[1:] == ends[:-1]  # a run that goes on at the top of the next column
        starts, ends = starts[np.r_[True, ~joined]], ends[np.r_[~joined, True]]
        cuts = np.r_[0, np.column_stack([starts, ends]).ravel(), height * width]
        runs = np.diff(cuts)
        runs = runs[:-1] if runs[-1] == 0 else runs  # as pycocotools: no empty run at the end
        code = coco.frPyObjects({"size": [height, width], "counts": runs.tolist()}, height, width)
        return {"size": [height, width], "counts": code["counts"].decode("ascii")}


def _places(edges: np.ndarray, patch: Patch, height: int) -> np.ndarray:
    """Column-major places in the full image of the edges found on the transposed crop."""
    column, row = np.nonzero(edges)
    return (patch.left + column) * height + patch.top + row


def patch_of(mask: np.ndarray) -> Patch | None:
    """The patch of a full-size mask [H, W] (non-zero is inside); None where it marks nothing."""
    inside = np.ascontiguousarray(mask != 0)
    x, y, w, h = cv2.boundingRect(inside.view(np.uint8))
    if w == 0 or h == 0:
        return None
    return Patch(inside[y : y + h, x : x + w], y, x, (inside.shape[0], inside.shape[1]))


def patch_of_rle(code: dict[str, Any]) -> Patch | None:
    """The patch of a COCO run-length code whose `counts` is text; None where it marks nothing."""
    return patch_of(coco.decode(bytes_of(code)))


def bytes_of(code: dict[str, Any]) -> dict[str, Any]:
    """The same code with `counts` as bytes, the form that pycocotools reads."""
    return {"size": list(code["size"]), "counts": code["counts"].encode("ascii")}


def components(patch: Patch) -> list[Patch]:
    """The 8-connected parts of a patch, by top edge, then left edge, then size.

    Eight-connected: two pixels of one thing that meet at a corner are one thing; a thin oblique
    structure would otherwise fall to single pixels.
    """
    _, labels, stats, _ = cv2.connectedComponentsWithStats(
        patch.pixels.view(np.uint8), connectivity=8, ltype=cv2.CV_32S
    )
    found = []
    for number, (x, y, w, h, count) in enumerate(stats[1:].tolist(), start=1):
        crop = labels[y : y + h, x : x + w] == number
        found.append((patch.top + y, patch.left + x, count, crop))
    found.sort(key=lambda part: (part[:3], part[3].tobytes()))
    return [Patch(crop, top, left, patch.frame) for top, left, _, crop in found]
