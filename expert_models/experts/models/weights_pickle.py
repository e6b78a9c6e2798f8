"""Weights that are pickles: which files are, and how one is read. A pickle can run code of its author."""

import pickle
import zipfile
from pathlib import Path
from typing import Any

PICKLES = (".pt", ".pth", ".bin", ".ckpt", ".pkl", ".pickle", ".tar", ".joblib")
WRAPPED = ("state_dict", "model_state_dict", "model", "net", "network_weights")
"""Keys under which training frameworks keep the weights of a checkpoint."""


def is_torchscript(path: Path) -> bool:
    """A zip with compiled code beside its constants; what torch.save writes has no code."""
    if not zipfile.is_zipfile(path):
        return False
    with zipfile.ZipFile(path) as archive:
        inside = [name.split("/", 1)[-1] for name in archive.namelist()]
    return "constants.pkl" in inside and any(name.startswith("code/") for name in inside)


def is_pickle(path: Path) -> bool:
    """A file that would be unpickled: by its ending, unless it is TorchScript."""
    return path.suffix.lower() in PICKLES and not is_torchscript(path)


def read_pickle(path: Path) -> dict[str, Any]:
    """The tensors of a checkpoint by name, on the CPU. For files whose digest and flag were checked.

    torch's reader of plain tensors is tried first, and the one that runs code only where that refuses.
    Raises ValueError where the file holds no tensors by name.
    """
    import torch

    try:
        held = torch.load(path, map_location="cpu", weights_only=True)
    except pickle.UnpicklingError:
        held = torch.load(path, map_location="cpu", weights_only=False)
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
