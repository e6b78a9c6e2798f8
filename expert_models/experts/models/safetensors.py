"""Bare weights and the architecture that the card names: safetensors, or a pickle that was allowed."""

from pathlib import Path
from typing import Any

from expert_models.experts.base import Expert, VolumeExpert
from expert_models.experts.models.card_model import ModelCard
from expert_models.experts.models.resident import Setting
from expert_models.experts.models.resident_module import TorchModule
from expert_models.experts.models.runtime import ModelExpert
from expert_models.experts.models.runtime_shaped import ShapedNetwork
from expert_models.experts.models.safetensors_architecture import build
from expert_models.experts.models.weights import located
from expert_models.experts.models.weights_pickle import read_pickle

MOST_NAMED = 5


def expert(card: ModelCard, setting: Setting) -> Expert | VolumeExpert:
    """The expert of a card with `backend: safetensors`."""
    made: Expert | VolumeExpert = ModelExpert(card, ShapedNetwork(card, setting, open_safetensors))
    return made


def pickled_expert(card: ModelCard, setting: Setting) -> Expert | VolumeExpert:
    """The expert of a card with `backend: pickle`; it loads only with `allow_pickle` and the digest."""
    made: Expert | VolumeExpert = ModelExpert(card, ShapedNetwork(card, setting, open_pickle))
    return made


def open_safetensors(card: ModelCard, setting: Setting) -> TorchModule:
    """Raises ValueError where the file is no safetensors file or does not fit the architecture."""
    path = _file(card, setting)
    from safetensors import SafetensorError
    from safetensors.torch import load_file

    try:
        tensors = load_file(path)
    except SafetensorError as error:
        raise ValueError(
            f"weights: found {path.name}, which is no safetensors file ({error}); expected one; for "
            "a checkpoint use `backend: pickle`"
        ) from error
    return TorchModule(filled(build(_named(card)), tensors), card, setting)


def open_pickle(card: ModelCard, setting: Setting) -> TorchModule:
    """Raises ValueError where pickles are not allowed or the tensors do not fit the architecture."""
    if not setting.allow_pickle:
        raise ValueError(
            f"{card.name}: a pickle can run code of its author; set `allow_pickle` in the recipe"
        )
    tensors = read_pickle(_file(card, setting), trusted=setting.allow_pickle)
    return TorchModule(filled(build(_named(card)), tensors), card, setting)


def filled(module: Any, tensors: dict[str, Any]) -> Any:
    """The module with these weights: every name and shape must fit. Raises ValueError where one does not."""
    own = module.state_dict()
    faults = [f"{name} is missing" for name in sorted(own.keys() - tensors.keys())]
    faults += [f"{name} is not of this network" for name in sorted(tensors.keys() - own.keys())]
    faults += [
        f"{name} is {list(tensors[name].shape)}, the network has {list(own[name].shape)}"
        for name in sorted(own.keys() & tensors.keys())
        if tensors[name].shape != own[name].shape
    ]
    if faults:
        more = len(faults) - MOST_NAMED
        shown = "; ".join(faults[:MOST_NAMED]) + (f"; and {more} more" if more > 0 else "")
        raise ValueError(f"architecture: weights and network differ: {shown}; mend `architecture`")
    module.load_state_dict(tensors, strict=True)
    return module


def _file(card: ModelCard, setting: Setting) -> Path:
    path = located(card, setting)
    if not path.is_file():
        raise ValueError(
            f"weights: found a folder, {path.name}; expected one file; name `files` in the card"
        )
    return path


def _named(card: ModelCard) -> Any:
    assert card.architecture is not None  # checked by the card
    return card.architecture
