"""A picture in windows for HoVer-Net, and its answers laid together again."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from expert_models.experts.base import Prediction, Scan
from expert_models.experts.models.card_model import ModelCard
from expert_models.experts.models.numbered import objects

NEAR = 0.05  # a picture within 5 % of the training pixel is taken as it is


class Whole:
    """The job of one picture: windows out, answers in, objects at the end."""

    def __init__(
        self,
        shown: np.ndarray,
        shape: tuple[int, int],
        sides: tuple[int, int],
        finish: Callable[[list[np.ndarray], tuple[int, int]], Prediction],
    ) -> None:
        """shown: [h, w, 3] uint8 at the network's scale; shape: of the picture that findings lie in."""
        window, answer = sides
        self.sides, self.shape, self._finish = sides, shape, finish
        self.size = (shown.shape[0], shown.shape[1])
        self.grid = tuple(-(-length // answer) for length in self.size)
        border = (window - answer) // 2
        rows, columns = (
            n * answer - length for n, length in zip(self.grid, self.size, strict=True)
        )
        around = ((border, border + rows), (border, border + columns), (0, 0))
        self._shown = np.pad(shown, around, mode="symmetric")
        self._maps: list[np.ndarray] = []

    def inputs(self) -> Sequence[np.ndarray]:
        """[P, P, 3] uint8 windows, row by row; views of one array."""
        window, answer = self.sides
        return [
            self._shown[r * answer : r * answer + window, c * answer : c * answer + window]
            for r in range(self.grid[0])
            for c in range(self.grid[1])
        ]

    def add(self, index: int, output: Sequence[np.ndarray]) -> None:
        """Lay the answer of a window, [Q, Q, channels] a head, where it belongs."""
        answer = self.sides[1]
        if not self._maps:
            side = (self.grid[0] * answer, self.grid[1] * answer)
            self._maps = [np.zeros((*side, head.shape[-1]), np.float32) for head in output]
        row, column = divmod(index, self.grid[1])
        for whole, head in zip(self._maps, output, strict=True):
            whole[row * answer : (row + 1) * answer, column * answer : (column + 1) * answer] = head

    def prediction(self) -> Prediction:
        """Objects of the picture; what lies in the mirrored border is cut off first."""
        height, width = self.size
        return self._finish([whole[:height, :width] for whole in self._maps], self.shape)


def windowed(
    scan: Scan,
    card: ModelCard,
    sides: tuple[int, int],
    numbered: Callable[[list[np.ndarray]], np.ndarray],
    *,
    um_per_px: float | None,
    smallest_px: int,
) -> Whole:
    """The job of a scan. numbered: from the heads of the whole picture to objects by number."""
    shape = (scan.display.shape[0], scan.display.shape[1])
    colour = (
        scan.display if scan.display.ndim == 3 else np.repeat(scan.display[..., None], 3, axis=2)
    )

    def finish(maps: list[np.ndarray], shape: tuple[int, int]) -> Prediction:
        numbers = numbered(maps)
        kinds = kinds_of(numbers, maps[2][..., 0]) if len(maps) == 3 else None
        numbers, likely = at_size(numbers, shape), at_size(maps[0][..., 0], shape)
        label = (lambda n: card.classes.get(kinds[n])) if kinds else (lambda _: card.classes.get(1))
        return list(objects(numbers, label, likely, smallest_px=smallest_px))

    return Whole(rescaled(colour, scan.spacing_mm, um_per_px), shape, sides, finish)


def rescaled(
    picture: np.ndarray, spacing_mm: tuple[float, float] | None, um_per_px: float | None
) -> np.ndarray:
    """The picture at the pixel of training; as it is where that is unknown or near."""
    if um_per_px is None or spacing_mm is None:
        return picture
    import cv2

    factors = [step * 1000 / um_per_px for step in spacing_mm]
    if all(abs(factor - 1) <= NEAR for factor in factors):
        return picture
    rows, columns = (max(1, round(n * f)) for n, f in zip(picture.shape[:2], factors, strict=True))
    how = cv2.INTER_AREA if max(factors) < 1 else cv2.INTER_LINEAR
    return np.asarray(cv2.resize(picture, (columns, rows), interpolation=how))


def at_size(values: np.ndarray, shape: tuple[int, int]) -> np.ndarray:
    """The nearest value of each pixel centre of a picture (height, width)."""
    if values.shape == shape:
        return values
    rows, columns = (
        ((np.arange(n) + 0.5) * have / n).astype(int)
        for n, have in zip(shape, values.shape, strict=True)
    )
    return np.asarray(values[np.ix_(rows, columns)])


def kinds_of(numbers: np.ndarray, types: np.ndarray) -> dict[int, int]:
    """Of each object the commonest type of its pixels, none of all (0) only where there is no other."""
    from scipy.ndimage import find_objects

    kinds: dict[int, int] = {}
    whole = np.rint(types).astype(np.int64)
    for index, window in enumerate(find_objects(numbers.astype(np.int64)), start=1):
        if window is None:
            continue
        counts: Any = np.bincount(whole[window][numbers[window] == index])
        known = counts[1:]
        kinds[index] = int(known.argmax()) + 1 if known.any() else 0
    return kinds
