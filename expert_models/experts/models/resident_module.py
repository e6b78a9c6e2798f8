"""A torch module with a card: arrays in, arrays by name out. TorchScript and bare weights share it."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from expert_models.experts.models.card_model import ModelCard
from expert_models.experts.models.resident import Setting, TorchPlace, numpy_of
from expert_models.experts.models.runtime_shaped import one_by_one


class TorchModule:
    """A module on its device. Outputs without names are called "0", "1", ... in their order."""

    def __init__(self, module: Any, card: ModelCard, setting: Setting) -> None:
        self._place = TorchPlace(setting, card.batch)
        self._module = module.eval().to(self._place.device)

    @property
    def width(self) -> int:
        """Most inputs of one pass."""
        return self._place.width

    def run(self, inputs: Sequence[np.ndarray]) -> Sequence[Mapping[str, np.ndarray]]:
        """The outputs of each input."""
        return self._place.run(self._forward, inputs)

    def _forward(self, inputs: Sequence[np.ndarray]) -> list[dict[str, np.ndarray]]:
        import torch

        batch = torch.from_numpy(np.stack(inputs)).to(self._place.device, non_blocking=True)
        return one_by_one(named(self._module(batch)), len(inputs))


def named(output: Any) -> dict[str, np.ndarray]:
    """A tensor, a sequence or a mapping of tensors as arrays by name; what is no tensor is left out.

    A list of one mapping, as torchvision's detectors answer, is that mapping.
    """
    import torch

    if isinstance(output, torch.Tensor):
        return {"0": numpy_of(output)}
    if isinstance(output, Sequence) and len(output) == 1 and isinstance(output[0], Mapping):
        output = output[0]
    items = output.items() if isinstance(output, Mapping) else enumerate(output)
    return {str(key): numpy_of(one) for key, one in items if isinstance(one, torch.Tensor)}
