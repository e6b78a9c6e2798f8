"""From outputs of a network to findings: the reader that a card's `output` asks for."""

from collections.abc import Mapping
from typing import Protocol

import numpy as np

from expert_models.experts.base import Found
from expert_models.experts.models.card_input import Input
from expert_models.experts.models.card_output import (
    Boxes,
    Instances,
    Output,
    Scores,
    Semantic,
    least,
)
from expert_models.experts.models.post_boxes import BoxReader
from expert_models.experts.models.post_instances import InstanceReader
from expert_models.experts.models.post_masks import DIGITS
from expert_models.experts.models.post_outputs import (
    Outputs,
    expect_classes,
    expect_rank,
    output_named,
    probabilities,
)
from expert_models.experts.models.post_semantic import SemanticReader
from expert_models.experts.models.pre import Ready
from expert_models.experts.models.pre_windows import Corner


class Reader(Protocol):
    """Takes the outputs of a scan's windows, then says what was found, in pixels of the scan."""

    def add(self, index: int, outputs: Outputs) -> None:
        """The outputs of window `index`. Raises ValueError where they are not those of the card."""
        ...

    def found(self) -> list[Found]:
        """After the last window; an empty list where there is nothing."""
        ...


def reader_of(
    said: Output,
    seen: Input,
    classes: Mapping[int, str | None],
    ready: Ready,
    windows: list[Corner],
    size: Corner,
) -> Reader:
    """A fresh reader for one scan."""
    if isinstance(said, Semantic):
        return SemanticReader(said, classes, ready, windows, size, seen.blend)
    if isinstance(said, Boxes):
        return BoxReader(said, classes, ready, windows, size)
    if isinstance(said, Instances):
        return InstanceReader(said, classes, ready)
    return ScoreReader(said, classes)


class ScoreReader:
    """Scores of the whole picture: findings without mask and box, in the order of the card's classes.

    softmax: the best class alone, where it reaches its threshold; others: every class that does.
    """

    def __init__(self, said: Scores, classes: Mapping[int, str | None]) -> None:
        self._said, self._classes = said, classes
        self._shares = np.zeros(0, np.float32)

    def add(self, index: int, outputs: Outputs) -> None:
        """Take the scores."""
        scores = expect_rank(output_named(outputs, self._said.name), 1, "scores [C] a picture")
        expect_classes(len(scores), self._classes, "scores")
        self._shares = probabilities(scores, self._said.activation)

    def found(self) -> list[Found]:
        """Labels with their probability."""
        best = int(self._shares.argmax())
        numbers = [best] if self._said.activation == "softmax" else sorted(self._classes)
        made = []
        for number in numbers:
            label, share = self._classes[number], float(self._shares[number])
            if label is not None and share >= least(self._said.threshold, number):
                made.append(Found(label, score=round(share, DIGITS)))
        return made
