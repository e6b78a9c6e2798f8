"""Cellpose through its public class, `cellpose.models.CellposeModel`.

Pachitariu et al., bioRxiv 2025.04.28.651001 (Cellpose-SAM, version 4) and Stringer et al., Nature Methods
18 (2021) 100 (version 3 and before). The two differ: version 4 takes up to three channels in any order and
may compute in bfloat16; version 3 is told which channel holds cells and which nuclei, and scales to a mean
diameter. Weights are a file of the card, or a name that the package fetches itself.
"""

from typing import Any

import numpy as np
from pydantic import Field

from expert_models.experts.base import Expert, Prediction, Scan
from expert_models.experts.models.card_model import ModelCard
from expert_models.experts.models.family import card_fault, options_of
from expert_models.experts.models.numbered import objects
from expert_models.experts.models.package_network import PackageNetwork, PackageOptions, held_to
from expert_models.experts.models.resident import Setting
from expert_models.experts.models.runtime import ModelExpert
from expert_models.experts.models.runtime_job import OneInput

LAST_LOGIT = 60.0  # beyond it exp overflows float32 and the probability is 0 or 1 anyway


class CellposeOptions(PackageOptions):
    """Of `backend: cellpose`."""

    model: str | None = Field(
        None, description="name that the package knows, where the card has no weights"
    )
    diameter_px: float | None = Field(
        None, gt=0, description="of the cells; unset: as the model says"
    )
    flow_threshold: float = Field(0.4, ge=0, description="error of flows above which a mask goes")
    cell_threshold: float = Field(0.0, description="logit above which a pixel is a cell's")
    smallest_px: int = Field(15, ge=0, description="masks of fewer pixels go")
    channels: tuple[int, int] = Field(
        (0, 0),
        description="version 3 alone: of cells, of nuclei; 0 gray or none, 1 red, 2 green, 3 blue",
    )


def expert(card: ModelCard, setting: Setting) -> Expert:
    """The expert of such a card, not loaded."""
    if len(card.reported) != 1:
        raise card_fault(
            card, ["labels"], list(card.reported), "one term: it finds one kind of thing"
        )
    made: Expert = ModelExpert(card, CellposeNetwork(card, setting))
    return made


class CellposeNetwork(PackageNetwork):
    """Resident: the network stays on its device."""

    def __init__(self, card: ModelCard, setting: Setting) -> None:
        super().__init__(card, setting)
        self.options = options_of(CellposeOptions, card)
        if (card.weights is None) == (self.options.model is None):
            expected = "either `weights` or a `model` of the package"
            raise card_fault(card, ["options", "model"], self.options.model, expected)
        self.major = int(self.options.package.split(".")[0])
        self.model: Any = None

    def load(self) -> None:
        """Raises ValueError for another version of the package, or weights with another digest."""
        held_to("cellpose", self.options.package)
        import torch
        from cellpose.models import CellposeModel

        from expert_models.experts.models.weights import located
        from expert_models.llm.inprocess.weights import device_of

        device = device_of(self.setting.device)
        weights = (
            self.options.model
            if self.card.weights is None
            else str(located(self.card, self.setting))  # an absent path would be the default model
        )
        made: dict[str, Any] = {"device": torch.device(device), "gpu": device != "cpu"}
        if self.major >= 4:
            made |= {
                "pretrained_model": weights,
                "use_bfloat16": device != "cpu" and self.setting.precision == "bfloat16",
            }
        else:
            made["model_type" if self.card.weights is None else "pretrained_model"] = weights
        self.model = CellposeModel(**made)

    def job(self, scan: Scan) -> Any:
        """The picture as released."""
        return OneInput(scan.display, self.read)

    def one(self, given: np.ndarray) -> Any:
        """(numbers [H, W], logit of being a cell [H, W])."""
        asked: dict[str, Any] = {
            "diameter": self.options.diameter_px,
            "flow_threshold": self.options.flow_threshold,
            "cellprob_threshold": self.options.cell_threshold,
            "min_size": self.options.smallest_px,
            "channel_axis": -1 if given.ndim == 3 else None,
        }
        if self.major < 4:
            asked["channels"] = list(self.options.channels)
        said = self.model.eval(given, **asked)
        return said[0], said[1][2]

    def read(self, said: Any) -> Prediction:
        """One finding a cell; its score is the mean probability of its pixels."""
        numbers, logits = np.asarray(said[0]), np.asarray(said[1], np.float32)
        likely = 1 / (1 + np.exp(-np.clip(logits, -LAST_LOGIT, LAST_LOGIT)))
        if likely.shape != numbers.shape:
            raise ValueError(f"cellpose gave masks {numbers.shape} and scores {likely.shape}")
        return list(objects(numbers, lambda _: self.card.reported[0], likely))
