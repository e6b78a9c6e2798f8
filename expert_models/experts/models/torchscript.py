"""TorchScript: a zip with compiled code and weights. Its code is torch's own language, not Python."""

from expert_models.experts.base import Expert, VolumeExpert
from expert_models.experts.models.card_model import ModelCard
from expert_models.experts.models.resident import Setting
from expert_models.experts.models.resident_module import TorchModule
from expert_models.experts.models.runtime import ModelExpert
from expert_models.experts.models.runtime_shaped import ShapedNetwork
from expert_models.experts.models.weights import located
from expert_models.experts.models.weights_script import expect_harmless, is_torchscript


def expert(card: ModelCard, setting: Setting) -> Expert | VolumeExpert:
    """The expert of a card with `backend: torchscript`."""
    made: Expert | VolumeExpert = ModelExpert(card, ShapedNetwork(card, setting, open_script))
    return made


def open_script(card: ModelCard, setting: Setting) -> TorchModule:
    """Raises ValueError where the file is not TorchScript (a pickle among them), or reaches for files."""
    path = located(card, setting)
    if not path.is_file() or not is_torchscript(path):
        raise ValueError(
            f"weights: found {path.name}, which is not TorchScript; expected what torch.jit.save writes; "
            "for a state dict use `backend: safetensors` or `pickle`"
        )
    if not setting.allow_pickle:
        expect_harmless(path)
    import torch

    return TorchModule(torch.jit.load(str(path), map_location="cpu"), card, setting)
