"""Two regions side by side: which is left of or above which, and how far apart their masks are."""

from dataclasses import dataclass
from functools import cached_property

import cv2
import numpy as np

from schemas.region import Region
from transforms.regions.patch import Patch, patch_of_rle

APART = (
    0.10  # of the image side: gap of the centroids that makes up for boxes that overlap a little
)
SHARED_SPAN = 0.25  # of the shorter box side: how far they may overlap then
OBLIQUE = 0.5  # the gap along the axis is at least this share of the gap across it


@dataclass(frozen=True)
class Member:
    """A region that is compared with others, decoded once. `centre` is (x, y) in pixels."""

    region: Region
    patch: Patch | None
    centre: tuple[float, float]

    @cached_property
    def boundary(self) -> np.ndarray:
        """[N, 2] (row, column) of the mask's pixels that have a neighbour outside."""
        if self.patch is None:
            raise ValueError(f"region {self.region.id} is a box: it has no boundary pixels")
        padded = np.pad(self.patch.pixels, 1).astype(np.uint8)
        inner = cv2.erode(padded, cv2.getStructuringElement(cv2.MORPH_CROSS, (3, 3)))
        rows, columns = np.nonzero(padded - inner)
        return np.column_stack([rows + self.patch.top - 1, columns + self.patch.left - 1])


def member_of(region: Region) -> Member:
    """A region, decoded; the centre of a box where there is no mask."""
    patch = patch_of_rle(region.mask) if region.mask else None
    x0, y0, x1, y1 = region.box
    return Member(region, patch, patch.centroid if patch else ((x0 + x1) / 2, (y0 + y1) / 2))


def direction_of(first: Member, second: Member, axis: int, side: int) -> bool:
    """`first` comes clearly before `second` along an axis of the image as shown.

    axis  0: to the left of it, 1: above it; side: the image's width or height in pixels

    The centroids differ along the axis by at least half of what they differ across it, and either
    the boxes do not overlap along the axis, or the gap of the centroids exceeds a tenth of the
    image side and the boxes overlap by at most a quarter of the shorter one.
    """
    gap = second.centre[axis] - first.centre[axis]
    across = abs(second.centre[1 - axis] - first.centre[1 - axis])
    if gap <= 0 or gap < OBLIQUE * across:
        return False
    start, end = second.region.box[axis], first.region.box[axis + 2]
    if end <= start:
        return True
    shorter = min(m.region.box[axis + 2] - m.region.box[axis] for m in (first, second))
    return gap > APART * side and end - start <= SHARED_SPAN * shorter


def gap_between(a: Member, b: Member, spacing_mm: tuple[float, float] | None) -> float:
    """Smallest distance between two masks that share no pixel, between pixel centres.

    In mm with spacing (between rows, between columns), else in pixels. Two pixels side by side are
    1 px apart: the value of a Euclidean distance transform of the one mask on the other.
    """
    from scipy.spatial import cKDTree  # half a second to import, and most images need none

    scale = np.array(spacing_mm or (1.0, 1.0))
    few, many = sorted((a.boundary, b.boundary), key=len)
    nearest, _ = cKDTree(many * scale).query(few * scale)
    return float(nearest.min())
