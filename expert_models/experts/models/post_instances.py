"""Objects with masks of their own: numbered maps, and masks with scores as Mask R-CNN gives them."""

from collections.abc import Mapping

import numpy as np

from expert_models.experts.base import Found
from expert_models.experts.models.card_output import Instances
from expert_models.experts.models.post_boxes import strong
from expert_models.experts.models.post_masks import DIGITS
from expert_models.experts.models.post_nms import kept
from expert_models.experts.models.post_outputs import Outputs, expect_rank, output_named
from expert_models.experts.models.pre import Ready
from expert_models.experts.models.pre_resample import sampled


class InstanceReader:
    """One window a picture: objects are not joined over tiles."""

    def __init__(self, said: Instances, classes: Mapping[int, str | None], ready: Ready) -> None:
        self._said, self._classes, self._ready = said, classes, ready
        self._outputs: Outputs = {}

    def add(self, index: int, outputs: Outputs) -> None:
        """Take the output."""
        self._outputs = outputs

    def found(self) -> list[Found]:
        """Numbered objects in the order of their numbers; objects with scores the surest first."""
        return self._numbered() if self._said.form == "numbers" else self._scored()

    def _numbered(self) -> list[Found]:
        label = self._classes[0]
        output = output_named(self._outputs, self._said.name)
        numbers = expect_rank(output, 2, "a map of numbers [rows, columns] for each picture")
        grid = np.asarray(numbers, np.int64)
        here = sampled(grid, self._ready.fitted.back(grid.shape), nearest=True)
        if label is None:
            return []
        masks = (here == n for n in np.unique(here) if n != 0)
        return [Found(label, m) for m in masks if np.count_nonzero(m) >= self._said.smallest_px]

    def _scored(self) -> list[Found]:
        masks, scores, numbers = self._tables()
        chosen = np.flatnonzero(strong(scores, numbers, self._classes, self._said.threshold))
        drawn: list[tuple[int, np.ndarray]] = []
        for i in chosen.tolist():
            where = self._ready.fitted.back(masks[i].shape)
            mask = sampled(masks[i], where, nearest=False) >= self._said.mask_threshold
            if np.count_nonzero(mask) >= self._said.smallest_px:
                drawn.append((i, mask))
        if not drawn:
            return []
        at = [i for i, _ in drawn]
        boxes = np.array([_box(mask) for _, mask in drawn], np.float64)
        stay = kept(boxes, scores[at], numbers[at], self._said.overlap, self._said.most)
        made = []
        for k in stay:
            i, mask = drawn[k]
            label = self._classes[int(numbers[i])]
            assert label is not None  # `strong` keeps reported classes alone
            made.append(Found(label, mask, score=round(float(scores[i]), DIGITS)))
        return made

    def _tables(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Masks [K, rows, columns] float32, scores [K], class numbers [K]."""
        said = self._said
        masks = np.asarray(output_named(self._outputs, said.masks), np.float32)
        if masks.ndim == 4:  # [1, K, rows, columns] of a batch, or [K, 1, rows, columns]
            scores = np.atleast_1d(np.squeeze(output_named(self._outputs, said.scores)))
            masks = masks[0] if masks.shape[:2] == (1, len(scores)) else masks[:, 0]
        masks = expect_rank(masks, 3, "masks [K, rows, columns] for each picture")
        scores = expect_rank(output_named(self._outputs, said.scores), 1, "scores [K]")
        numbers = np.zeros(len(scores), np.intp)
        if said.classes is not None:
            numbers = expect_rank(output_named(self._outputs, said.classes), 1, "class numbers [K]")
        if not len(masks) == len(scores) == len(numbers):
            raise ValueError(
                f"output: found {len(masks)} masks, {len(scores)} scores, {len(numbers)} classes; "
                "expected as many of each"
            )
        return masks, np.asarray(scores, np.float32), numbers.astype(np.intp)


def _box(mask: np.ndarray) -> tuple[int, int, int, int]:
    """Tight half-open box of a mask that is not empty."""
    rows, columns = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
    return int(columns[0]), int(rows[0]), int(columns[-1]) + 1, int(rows[-1]) + 1
