"""Objects against objects: who is whom, one to one."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

SAME_OBJECT = 0.5  # intersection over union; above it a match of disjoint masks is unique

Box = tuple[float, float, float, float]


@dataclass(frozen=True)
class Outlined:
    """One object: its box (x0, y0, x1, y1), half-open pixels, and its mask, if known.

    mask  [y1 - y0, x1 - x0] bool: no more than the box, so that hundreds of objects stay small
    """

    box: Box
    mask: np.ndarray | None = None


@dataclass(frozen=True)
class Matched:
    """pairs  (index of found, index of truth, their intersection over union)"""

    pairs: tuple[tuple[int, int, float], ...]
    found: int
    truth: int

    @property
    def f1(self) -> float:
        """2 TP / (2 TP + FP + FN); nan where there is nothing on either side."""
        total = self.found + self.truth
        return 2 * len(self.pairs) / total if total else float("nan")


def match(found: Sequence[Outlined], truth: Sequence[Outlined], at: float = SAME_OBJECT) -> Matched:
    """The largest one-to-one matching of objects that share at least `at` of their union.

    Among matchings of one size, the one of largest total overlap. Two masks are compared as masks;
    as soon as one of the two is only a box, their boxes are.
    """
    from scipy.optimize import linear_sum_assignment

    shared = overlaps(found, truth)
    worth = np.where(shared >= at, 1 + shared / (1 + min(shared.shape, default=0)), 0.0)
    rows, columns = linear_sum_assignment(worth, maximize=True)
    pairs = tuple(
        (int(r), int(c), float(shared[r, c]))
        for r, c in zip(rows, columns, strict=True)
        if worth[r, c] > 0
    )
    return Matched(pairs, len(found), len(truth))


def overlaps(found: Sequence[Outlined], truth: Sequence[Outlined]) -> np.ndarray:
    """[found, truth] intersection over union."""
    boxes = _box_overlaps(found, truth)
    for row, column in np.argwhere(boxes > 0):
        ours, theirs = found[row].mask, truth[column].mask
        if ours is not None and theirs is not None:
            boxes[row, column] = _mask_overlap(ours, theirs, found[row].box, truth[column].box)
    return boxes


def outline_of(mask: np.ndarray) -> Outlined | None:
    """The object that a mask [H, W] of a picture marks; None where it marks nothing."""
    rows, columns = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
    if not rows.size:
        return None
    x0, y0, x1, y1 = columns[0], rows[0], columns[-1] + 1, rows[-1] + 1
    return Outlined((float(x0), float(y0), float(x1), float(y1)), mask[y0:y1, x0:x1].copy())


def parts_of(mask: np.ndarray) -> list[Outlined]:
    """The 8-connected parts of a mask [H, W], each an object of its own, from the top down."""
    from scipy.ndimage import find_objects, label

    numbered, _ = label(mask, structure=np.ones((3, 3)))
    parts = []
    for number, (rows, columns) in enumerate(find_objects(numbered), start=1):
        box = (float(columns.start), float(rows.start), float(columns.stop), float(rows.stop))
        parts.append(Outlined(box, numbered[rows, columns] == number))
    return parts


def _box_overlaps(found: Sequence[Outlined], truth: Sequence[Outlined]) -> np.ndarray:
    ours = np.array([one.box for one in found], dtype=float).reshape(-1, 1, 4)
    theirs = np.array([one.box for one in truth], dtype=float).reshape(1, -1, 4)
    low, high = np.maximum(ours, theirs)[..., :2], np.minimum(ours, theirs)[..., 2:]
    both = np.clip(high - low, 0, None).prod(axis=-1)
    either = _area(ours) + _area(theirs) - both
    return np.divide(both, either, out=np.zeros_like(both), where=either > 0)


def _area(boxes: np.ndarray) -> np.ndarray:
    return (boxes[..., 2:] - boxes[..., :2]).prod(axis=-1)


def _mask_overlap(ours: np.ndarray, theirs: np.ndarray, one: Box, other: Box) -> float:
    """Of two masks, each of its own box."""
    x0, y0 = int(max(one[0], other[0])), int(max(one[1], other[1]))
    x1, y1 = int(min(one[2], other[2])), int(min(one[3], other[3]))
    a = ours[y0 - int(one[1]) : y1 - int(one[1]), x0 - int(one[0]) : x1 - int(one[0])]
    b = theirs[y0 - int(other[1]) : y1 - int(other[1]), x0 - int(other[0]) : x1 - int(other[0])]
    both = np.count_nonzero(a & b)
    return both / (np.count_nonzero(ours) + np.count_nonzero(theirs) - both)
