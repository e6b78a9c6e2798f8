"""Tables of boxes and scores to boxes in pixels of the picture."""

from collections.abc import Mapping

import numpy as np

from expert_models.experts.base import Found
from expert_models.experts.models.card_output import Boxes, Thresholds, least
from expert_models.experts.models.post_masks import DIGITS
from expert_models.experts.models.post_nms import kept
from expert_models.experts.models.post_outputs import (
    Outputs,
    expect_classes,
    expect_rank,
    output_named,
    probabilities,
)
from expert_models.experts.models.pre import Ready
from expert_models.experts.models.pre_windows import Corner

PLACES = 3  # of an edge, px


class BoxReader:
    """Gathers the boxes of every window, on the picture; then suppresses among all of them."""

    def __init__(
        self,
        said: Boxes,
        classes: Mapping[int, str | None],
        ready: Ready,
        windows: list[Corner],
        size: Corner,
    ) -> None:
        self._said, self._classes, self._ready = said, classes, ready
        self._windows, self._size = windows, size
        self._rows: list[tuple[np.ndarray, np.ndarray, np.ndarray]] = []

    def add(self, index: int, outputs: Outputs) -> None:
        """Take the boxes of one window."""
        boxes, scores, numbers = self._tables(outputs)
        stay = strong(scores, numbers, self._classes, self._said.threshold)
        edges = self._edges(boxes[stay], self._windows[index])
        self._rows.append((edges, scores[stay], numbers[stay]))

    def found(self) -> list[Found]:
        """Best first; boxes that lie beside the picture are gone."""
        parts = list(zip(*self._rows, strict=True)) or [(), (), ()]
        boxes, scores, numbers = (np.concatenate(p) if p else np.zeros(0) for p in parts)
        boxes = boxes.reshape(-1, 4)
        real = ((boxes[:, 2:] - boxes[:, :2]) > 0).all(axis=1)
        boxes, scores, numbers = boxes[real], scores[real], numbers[real]
        made = []
        for i in kept(boxes, scores, numbers, self._said.overlap, self._said.most):
            x0, y0, x1, y1 = (round(float(edge), PLACES) for edge in boxes[i])
            label = self._classes[int(numbers[i])]
            assert label is not None  # `strong` keeps reported classes alone
            made.append(Found(label, box=(x0, y0, x1, y1), score=round(float(scores[i]), DIGITS)))
        return made

    def _tables(self, outputs: Outputs) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Boxes [K, 4] as the network writes them, scores [K], class numbers [K]."""
        said = self._said
        if said.form != "separate":
            return self._one_table(output_named(outputs, said.name))
        boxes = expect_rank(output_named(outputs, said.boxes), 2, "boxes [K, 4] for each picture")
        scores = output_named(outputs, said.scores)
        if said.classes is not None:
            numbers = expect_rank(output_named(outputs, said.classes), 1, "class numbers [K]")
            scores = expect_rank(scores, 1, "scores [K] for each picture")
            scores = probabilities(scores, "sigmoid" if said.activation == "sigmoid" else "none")
        else:
            table = expect_rank(scores, 2, "scores [K, C] for each picture")
            scores, numbers = self._best(probabilities(table, said.activation))
        if boxes.shape != (len(scores), 4) or len(numbers) != len(scores):
            raise ValueError(
                f"output: found boxes {boxes.shape}, scores {scores.shape}, classes {numbers.shape}; "
                "expected as many of each, and four edges a box"
            )
        return boxes, scores, numbers.astype(np.intp)

    def _one_table(self, output: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        table = expect_rank(output, 2, "one table for each picture")
        table = table.T if self._said.form == "columns" else table
        before = 5 if self._said.objectness else 4
        expect_classes(table.shape[1] - before, self._classes, "columns of classes")
        shares = probabilities(table[:, before:], self._said.activation)
        if self._said.objectness:
            shares = shares * probabilities(
                table[:, 4:5], "sigmoid" if self._said.activation != "none" else "none"
            )
        return (table[:, :4], *self._best(shares))

    def _best(self, shares: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """The highest score of each box and its class."""
        expect_classes(shares.shape[1], self._classes, "classes")
        numbers = shares.argmax(axis=1)
        return shares[np.arange(len(shares)), numbers], numbers

    def _edges(self, boxes: np.ndarray, corner: Corner) -> np.ndarray:
        """[K, 4] x0, y0, x1, y1 in pixels of the picture, held inside it."""
        return on_picture(
            boxes.astype(np.float64), self._said.corners, self._said.normalised, self._ready, corner, self._size
        )  # fmt: skip


def strong(
    scores: np.ndarray,
    numbers: np.ndarray,
    classes: Mapping[int, str | None],
    threshold: Thresholds,
) -> np.ndarray:
    """[K] bool: a reported class, and at least its threshold. Raises ValueError on an unknown class."""
    unknown = sorted({int(n) for n in np.unique(numbers)} - set(classes))
    if unknown:
        raise ValueError(
            f"classes: found class {unknown[0]} in the network's output; expected one of {sorted(classes)}; "
            "add it to `classes`"
        )
    reported = np.array([classes[int(n)] is not None for n in numbers], bool)
    limits = np.array([least(threshold, int(n)) for n in numbers])
    return np.asarray(reported & (scores >= limits))


def on_picture(
    boxes: np.ndarray,
    corners: str,
    normalised: bool,
    ready: Ready,
    corner: Corner,
    size: Corner,
) -> np.ndarray:
    """Boxes of a window at `corner` of the canvas as x0, y0, x1, y1 on the picture."""
    first, second = boxes[:, :2], boxes[:, 2:]
    if corners == "xywh":
        second = first + second
    elif corners == "cxcywh":
        first, second = first - second / 2, first + second / 2
    made = np.concatenate([first, second], axis=1)
    for column in range(4):
        axis = 1 - column % 2  # x lies along columns, axis 1
        edge = made[:, column] * (size[axis] if normalised else 1) + corner[axis]
        made[:, column] = ready.fitted.point_back(edge, axis)
    return made
