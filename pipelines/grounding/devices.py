"""On what model experts run, and what of it can change their answers."""

from importlib.util import find_spec
from typing import Any

from pipelines.grounding.choice import GroundingChoice


def compute_of(choice: GroundingChoice) -> tuple[str, dict[str, Any]]:
    """(device, what of it a step rests on).

    On a CPU models compute in float32, and which CPU it is changes nothing. A GPU adds up in another
    order and may round to half precision: device and precision are then part of what the answers depend on,
    and a build that moves to such a machine asks its model experts again.

    `auto` is settled here, by the process that plans, and workers are told the outcome: what the key says is what
    they compute on, whatever else they have. Workers without the device that they are told stop the build.
    """
    if not choice.experts:
        return "cpu", {}
    device = _present() if choice.device == "auto" else choice.device
    if device == "cpu":
        return "cpu", {"device": "cpu"}
    return device, {"device": device.partition(":")[0], "precision": choice.precision}


def _present() -> str:
    """The device of this machine. Where workers have GPUs and this process has none, the recipe says `cuda`."""
    if find_spec("torch") is not None:
        import torch

        if torch.cuda.is_available():
            return "cuda"
    return "cpu"
