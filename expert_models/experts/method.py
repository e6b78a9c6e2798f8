"""Published methods without weights: what all of them share is written here once.

A method states its card and how it looks at one scan. Suitability, the loop over a batch, and `load` are
the same for all; what a method needs besides (Hounsfield units, a view) it refuses in `look`.
"""

from collections.abc import Sequence

import numpy as np

from expert_models.experts.base import ExpertCard, Prediction, Refusal, Scan


class Method:
    """An expert that is a computation: nothing to load, each prediction a function of its scan alone."""

    card: ExpertCard
    smallest_side = 0  # px; pictures with a shorter side are refused
    colour = False  # needs [H, W, 3] uint8
    named_part = False  # a picture of a body part that nobody stated is refused, too

    def load(self) -> None:
        """Nothing to load."""

    def predict(self, batch: Sequence[Scan]) -> list[Prediction]:
        """One prediction a scan, in order."""
        return [self._answer(scan) for scan in batch]

    def look(self, scan: Scan) -> Prediction:
        """What is found in a scan that suits the card; or a Refusal of what this method alone needs."""
        raise NotImplementedError

    def _answer(self, scan: Scan) -> Prediction:
        strange = unsuitable(self.card, scan.modality, scan.anatomy, named_part=self.named_part)
        return strange or self._misshapen(scan) or self.look(scan)

    def _misshapen(self, scan: Scan) -> Refusal | None:
        shape = scan.display.shape
        coloured = len(shape) == 3 and shape[2] == 3 and scan.display.dtype == np.uint8
        if self.colour and not coloured:
            return Refusal("expert_input_missing", f"{self.card.name} needs 8-bit colour")
        if len(shape) not in (2, 3) or min(shape[:2]) < self.smallest_side:
            needed = f"{self.card.name} needs {self.smallest_side} px a side"
            return Refusal("expert_input_missing", f"{needed}; the picture is {shape}")
        return None


def unsuitable(
    card: ExpertCard, modality: str, anatomy: str | None, *, named_part: bool
) -> Refusal | None:
    """Another modality or another body part than the card's; `named_part`: nor may it be unstated."""
    if modality not in card.modalities:
        return Refusal("expert_unsuitable", f"{card.name} does not read {modality}")
    if anatomy is None:
        unstated = f"{card.name} must know what body part it is shown"
        return Refusal("expert_input_missing", unstated) if named_part else None
    if card.anatomies and anatomy not in card.anatomies:
        return Refusal("expert_unsuitable", f"{card.name} does not read {anatomy}")
    return None


def gray_of(display: np.ndarray) -> np.ndarray:
    """[H, W]: the picture itself, or the mean of its channels."""
    return display if display.ndim == 2 else display.mean(axis=2)
