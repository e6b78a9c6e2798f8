"""Maps of classes to masks on the scan's own grid. Classes are brought back one at a time: memory is flat."""

from collections.abc import Iterator, Mapping

import numpy as np

from expert_models.experts.base import Found
from expert_models.experts.models.card_output import Semantic, least
from expert_models.experts.models.post_masks import findings_of
from expert_models.experts.models.post_outputs import (
    Outputs,
    expect_classes,
    expect_rank,
    output_named,
    sigmoid,
)
from expert_models.experts.models.pre import Ready
from expert_models.experts.models.pre_resample import centres, sampled
from expert_models.experts.models.pre_windows import Corner, weights, window_at

ARGMAX_THRESHOLD = 0.5  # for quality: of one class of several no threshold is stated


class SemanticReader:
    """Gathers what was said of each window; then masks. Raw scores are blended and resampled.

    windows  corners on the canvas; size: of a window. One window the size of the canvas is kept as it is.
    """

    def __init__(
        self,
        said: Semantic,
        classes: Mapping[int, str | None],
        ready: Ready,
        windows: list[Corner],
        size: Corner,
        blend: str,
    ) -> None:
        self._said, self._classes, self._ready = said, classes, ready
        self._windows, self._size = windows, size
        self._weights = weights(size, blend) if len(windows) > 1 else None
        self._scores: np.ndarray | None = None  # [C, *grid] summed, weighted
        self._weight: np.ndarray | None = None  # [*canvas]

    def add(self, index: int, outputs: Outputs) -> None:
        """Take the output of one window."""
        scores = self._checked(output_named(outputs, self._said.name))
        if self._weights is None:
            self._scores = scores
            return
        if self._scores is None or self._weight is None:
            canvas = self._ready.fitted.canvas
            self._scores = np.zeros((len(self._classes), *canvas), np.float32)
            self._weight = np.zeros(canvas, np.float32)
        where = window_at(self._windows[index], self._size)
        for total, one in zip(self._scores, scores, strict=True):
            total[where] += self._at_full_size(one) * self._weights
        self._weight[where] += self._weights

    def found(self) -> list[Found]:
        """The findings, in the order of the card's classes."""
        if self._scores is None:
            raise ValueError("the network was not asked")
        if self._weight is not None:
            self._scores /= self._weight
        made: list[Found] = []
        for number, mask, probability in self._masks(self._scores):
            label = self._classes[number]
            if label is None:
                continue
            one_of_several = self._said.activation in ("softmax", "numbers")
            threshold = ARGMAX_THRESHOLD if one_of_several else least(self._said.threshold, number)
            made += findings_of(
                label,
                self._ready.home(mask),
                None if probability is None else self._ready.home(probability),
                threshold=threshold,
                split=self._said.split,
                smallest_px=self._said.smallest_px,
            )
        return made

    def _masks(self, scores: np.ndarray) -> Iterator[tuple[int, np.ndarray, np.ndarray | None]]:
        """(class, mask, probability) on the grid of `fitted.shape`."""
        where = self._ready.fitted.back(scores.shape[1:])
        if self._said.activation == "numbers":
            numbers = sampled(scores[0], where, nearest=True)
            yield from ((n, numbers == n, None) for n in sorted(self._classes))
            return
        if self._said.activation == "softmax":
            winner, probability = _argmax(scores, where)
            yield from ((n, winner == n, probability) for n in sorted(self._classes))
            return
        for number in sorted(self._classes):
            if self._classes[number] is None:
                continue
            values = sampled(scores[number], where, nearest=False)
            probability = sigmoid(values) if self._said.activation == "sigmoid" else values
            yield number, probability >= least(self._said.threshold, number), probability

    def _checked(self, output: np.ndarray) -> np.ndarray:
        """[C, *grid] float32, or [1, *grid] of class numbers."""
        axes = len(self._size)
        if self._said.activation == "numbers":
            numbers = expect_rank(output, axes, f"class numbers with {axes} axes for each picture")
            if numbers.size and not 0 <= numbers.min() <= numbers.max() < len(self._classes):
                expect_classes(int(numbers.max()) + 1, self._classes, "class numbers")
            return np.asarray(numbers[None], np.float32)
        scores = expect_rank(output, axes + 1, f"scores with {axes + 1} axes for each picture")
        if self._said.layout == "channels-last":
            scores = np.moveaxis(scores, -1, 0)
        expect_classes(scores.shape[0], self._classes, "channels")
        if not np.isfinite(scores).all():
            raise ValueError("output: found values that are not finite; expected numbers")
        return np.asarray(scores, np.float32)

    def _at_full_size(self, one: np.ndarray) -> np.ndarray:
        """The output of a window at the size of the window, where the network answers at a stride."""
        where = [centres(n, of) for n, of in zip(self._size, one.shape, strict=True)]
        return sampled(one, where, nearest=False)


def _argmax(scores: np.ndarray, where: list[np.ndarray]) -> tuple[np.ndarray, np.ndarray]:
    """The class of the highest score and its softmax, both on the scan's grid; of equal ones the first."""
    best = sampled(scores[0], where, nearest=False).copy()
    winner = np.zeros(best.shape, np.uint16)
    total = np.ones_like(best)  # sum of exp(score - best)
    for number in range(1, len(scores)):
        one = sampled(scores[number], where, nearest=False)
        higher = one > best
        top = np.maximum(one, best)
        total = total * np.exp(best - top) + np.exp(one - top)
        winner[higher] = number
        best = top
    return winner, 1 / total
