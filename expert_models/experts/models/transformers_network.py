"""A transformers model as a Network of the runtime: its folder, its device, what shares a pass."""

from collections.abc import Hashable, Sequence
from pathlib import Path
from typing import Any

from expert_models.experts.models.card_model import ModelCard
from expert_models.experts.models.resident import Setting, TorchPlace
from expert_models.experts.models.weights import located


class TransformersNetwork:
    """Loading and placing; a family adds `open`, `job` and `forward`.

    Weights stay float32, also where the recipe asks for half precision on a GPU: then passes run under
    autocast, which keeps what must not be rounded.
    """

    place: TorchPlace  # after `load`
    model: Any = None

    def __init__(self, card: ModelCard, setting: Setting) -> None:
        self.card, self.setting = card, setting

    @property
    def width(self) -> int:
        """Pictures that one `run` is given."""
        return self.place.width

    def load(self) -> None:
        """Check the digest of the folder, load what is in it, move it to the device."""
        folder = located(self.card, self.setting)
        if not folder.is_dir():
            raise ValueError(
                f"{self.card.name}: found the file {folder.name}; expected a checkpoint's folder with "
                "config.json; name all its files in `files`"
            )
        self.place = TorchPlace(self.setting, self.card.batch)
        self.open(folder)

    def open(self, folder: Path) -> None:
        """Load model and processor of a checkpoint folder whose digest is right."""
        raise NotImplementedError

    def forward(self, inputs: Sequence[Any]) -> list[Any]:
        """One output an input, on the CPU, of inputs of one shape."""
        raise NotImplementedError

    def run(self, inputs: Sequence[Any]) -> Sequence[Any]:
        """As the device does it best."""
        made: list[Any] = self.place.run(self.forward, inputs)
        return made

    def model_from(self, kind: Any, folder: Path) -> Any:
        """The model of a class or an Auto class, on the device."""
        from expert_models.experts.models.transformers_parts import model_of

        return model_of(kind, folder, device=self.place.device)

    def alike(self, one: Any) -> Hashable:
        """Inputs whose pixels have one shape share a pass; nothing is padded for a neighbour."""
        return tuple(one.pixels.shape)


def on_host(answer: Any) -> Any:
    """What the network said, float32 on the CPU. Raises ValueError on NaN, which no threshold would show."""
    import torch

    kept = answer.float().cpu()
    if torch.isnan(kept).any():
        raise ValueError("the network answers NaN; expected numbers; try precision float32")
    return kept
