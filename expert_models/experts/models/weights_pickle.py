"""Weights that are pickles: which files are, and how one is read. A pickle can run code of its author."""

import pickle
import zipfile
from pathlib import Path
from typing import Any

from expert_models.experts.models.weights_script import is_torchscript

PICKLES = (".pt", ".pth", ".bin", ".ckpt", ".pkl", ".pickle", ".tar", ".joblib")
NEVER = (".safetensors", ".onnx")
"""Endings whose loaders unpickle nothing, whatever the bytes."""
PROTOCOLS = tuple(bytes((0x80, number)) for number in range(2, 6))
"""How a pickle begins, from protocol 2 on."""
WRAPPED = ("state_dict", "model_state_dict", "model", "net", "network_weights")
"""Keys under which training frameworks keep the weights of a checkpoint."""


def is_pickle(path: Path) -> bool:
    """A file that a loader may unpickle: by its ending or by what is in it, unless it is TorchScript.

    Names do not tell: Cellpose's weights have no ending at all.
    """
    ending = path.suffix.lower()
    if ending in NEVER or is_torchscript(path):
        return False
    return ending in PICKLES or _begins_as_one(path) or _holds_one(path)


def _begins_as_one(path: Path) -> bool:
    with path.open("rb") as file:
        return file.read(2) in PROTOCOLS


def _holds_one(path: Path) -> bool:
    """The zip of torch.save holds a pickle named data.pkl."""
    if not zipfile.is_zipfile(path):
        return False
    with zipfile.ZipFile(path) as archive:
        return any(name.rpartition("/")[2] == "data.pkl" for name in archive.namelist())


def read_pickle(path: Path, *, trusted: bool) -> dict[str, Any]:
    """The tensors of a checkpoint by name, on the CPU.

    torch's reader of plain tensors is tried first. The one that runs code follows where that refuses, and
    only if the file is trusted: the recipe allows it, and its digest was checked.

    Raises ValueError where the file holds no tensors by name, or more than tensors and is not trusted.
    """
    import torch

    held = _unpickled(path, trusted=trusted)
    if isinstance(held, torch.nn.Module):
        return dict(held.state_dict())
    for key in WRAPPED:
        if isinstance(held, dict) and isinstance(held.get(key), dict):
            held = held[key]
            break
    if not isinstance(held, dict) or not all(isinstance(v, torch.Tensor) for v in held.values()):
        raise ValueError(f"{path.name}: found no tensors by name; expected a state dict")
    if all(name.startswith("module.") for name in held):  # saved out of DataParallel
        held = {name.removeprefix("module."): tensor for name, tensor in held.items()}
    return held


def _unpickled(path: Path, *, trusted: bool) -> Any:
    import torch

    try:
        return torch.load(path, map_location="cpu", weights_only=True)
    except pickle.UnpicklingError as error:
        if not trusted:
            raise ValueError(
                f"{path.name} is a pickle of more than tensors, which can run code of its author; "
                "expected safetensors, or `allow_pickle: true` in the recipe"
            ) from error
        return torch.load(path, map_location="cpu", weights_only=False)
    except (RuntimeError, EOFError) as error:
        raise ValueError(
            f"{path.name}: torch cannot read it ({error}); expected a checkpoint; get the file again"
        ) from error
