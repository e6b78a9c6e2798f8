"""Tags `R1`, `R2`, ... on a picture, each beside its region and, where there is room, on nothing that matters."""

from collections.abc import Iterator

import cv2
import numpy as np

Colour = tuple[int, int, int]
FONT, THICKNESS = cv2.FONT_HERSHEY_SIMPLEX, 1
_PAD = 3  # px of plate round the letters
_FARTHER = 0.1  # a plate one ring further out costs as much as hiding a tenth of its pixels


def plate(text: str, colour: Colour, height: int) -> np.ndarray:
    """[h, w, 3] uint8: black letters about `height` px high on a plate of the colour.

    OpenCV's stroke font without smoothing: the same dots on every machine.
    """
    size = cv2.getFontScaleFromHeight(FONT, height, THICKNESS)
    width, tall = cv2.getTextSize(text, FONT, size, THICKNESS)[0]
    drawn = np.empty((tall + 2 * _PAD, width + 2 * _PAD, 3), np.uint8)
    drawn[:] = colour
    cv2.putText(drawn, text, (_PAD, tall + _PAD), FONT, size, (0, 0, 0), THICKNESS, cv2.LINE_8)
    return drawn


def place_for(
    size: tuple[int, int], box: list[int], worth: np.ndarray, taken: np.ndarray
) -> tuple[int, int]:
    """(row, column) of the top left corner of a plate of `size` (height, width) beside `box`.

    worth [H, W] float: what it costs to hide a pixel; taken [H, W] bool: pixels of other plates. Of
    the places near the box the cheapest, near ones before far ones; onto a plate only where there is
    nowhere else.
    """
    height, width = worth.shape
    best, least = (0, 0), float("inf")
    for ring, row, column in _around(size, box):
        row = min(max(row, 0), max(0, height - size[0]))
        column = min(max(column, 0), max(0, width - size[1]))
        window = np.s_[row : row + size[0], column : column + size[1]]
        crowded = 1000.0 * float(taken[window].sum())
        cost = float(worth[window].sum()) + crowded + _FARTHER * ring * size[0] * size[1]
        if cost < least:
            best, least = (row, column), cost
    return best


def _around(size: tuple[int, int], box: list[int]) -> Iterator[tuple[int, int, int]]:
    """(ring, row, column): plates above, below, left and right of a box, then further out."""
    left, top, right, bottom = box
    height, width = size
    for ring, gap in enumerate((2, 2 + height, 2 + 3 * height)):
        for column in (left, (left + right - width) // 2, right - width):
            yield ring, top - height - gap, column
            yield ring, bottom + gap, column
        for row in (top, (top + bottom - height) // 2, bottom - height):
            yield ring, row, left - width - gap
            yield ring, row, right + gap
