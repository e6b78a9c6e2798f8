"""Networks by name, for weights that come without one: MONAI's, and those that packages bring."""

import importlib.metadata
import inspect
from typing import Any

from expert_models.experts.models.card_model import Architecture

GROUP = "medgrain.architectures"
MONAI = "monai:"
FETCHES = ("pretrained", "pretrained_url", "path_or_repo_id", "weights")
"""Arguments of MONAI's networks that have weights fetched from the network, without a digest."""


def build(architecture: Architecture) -> Any:
    """The torch module of a card's `architecture`, with random weights.

    `monai:UNet` is a class of monai.networks.nets; any other name one that a package brings by the
    entry-point group `medgrain.architectures`, `name = "module:Class"`. No other code can be named.

    Raises ValueError where there is none of the name or its arguments are wrong, ImportError without MONAI.
    """
    import torch

    make = _monai(architecture.name)
    config = _without_fetching(make, architecture.config) if make else architecture.config
    make = make or _brought(architecture.name)
    try:
        module = make(**config)
    except (TypeError, ValueError, KeyError) as error:
        raise ValueError(
            f"architecture > config: found {architecture.config}; expected arguments of "
            f"{architecture.name}: {error}"
        ) from error
    if not isinstance(module, torch.nn.Module):
        raise ValueError(f"architecture: {architecture.name} made no torch module")
    return module


def _monai(name: str) -> Any:
    if not name.startswith(MONAI):
        return None
    import torch
    from monai.networks import nets

    found = getattr(nets, name.removeprefix(MONAI), None)
    if not isinstance(found, type) or not issubclass(found, torch.nn.Module):
        raise ValueError(
            f"architecture > name: found {name!r}; expected `monai:` and a class of monai.networks.nets"
        )
    return found


def _without_fetching(make: Any, config: dict[str, Any]) -> dict[str, Any]:
    """The arguments with `pretrained` false where a network takes it: some fetch unless they are told."""
    for name in FETCHES:
        if config.get(name):
            raise ValueError(
                f"architecture > config > {name}: found {config[name]!r}; expected none: the weights are those "
                "of the card; take it out"
            )
    takes = inspect.signature(make).parameters
    return config | ({"pretrained": False} if "pretrained" in takes else {})


def _brought(name: str) -> Any:
    points = {p.name: p for p in importlib.metadata.entry_points(group=GROUP)}
    if name not in points:
        known = ", ".join(sorted(points)) or "none is installed"
        raise ValueError(
            f"architecture > name: found {name!r}; expected `monai:<class>` or an entry point of {GROUP} "
            f"({known}); install the package that brings it"
        )
    return points[name].load()
