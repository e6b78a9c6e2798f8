"""A model that a package of its own runs, one scan a call: what TotalSegmentator and Cellpose share."""

from collections.abc import Hashable, Sequence
from importlib import metadata
from pathlib import Path
from typing import Any

from pydantic import Field

from expert_models.experts.models.card_model import ModelCard
from expert_models.experts.models.family import Options
from expert_models.experts.models.resident import Setting


class PackageOptions(Options):
    """What every card of a package says."""

    package: str = Field(
        description="version of the package that answers; another one may answer otherwise and is refused"
    )


class PackageNetwork:
    """One scan at a time; the package knows its own tiles and batches. A family adds `load`, `job`, `one`."""

    width = 1

    def __init__(self, card: ModelCard, setting: Setting) -> None:
        self.card, self.setting = card, setting

    def one(self, given: Any) -> Any:
        """What the package says of one input."""
        raise NotImplementedError

    def run(self, inputs: Sequence[Any]) -> list[Any]:
        """One output an input."""
        return [self.one(given) for given in inputs]

    def alike(self, one: Any) -> Hashable:
        """They are never put together."""
        return None


def held_to(distribution: str, wanted: str) -> None:
    """Raises ImportError where the package is not installed, ValueError where another version is."""
    try:
        found = metadata.version(distribution)
    except metadata.PackageNotFoundError:
        raise ImportError(
            f"the package {distribution} is not installed; install {wanted}"
        ) from None
    if found != wanted:
        raise ValueError(
            f"{distribution} {found} is installed; the card was made for {wanted}: install that, or look "
            "at what this one finds and write its version into `options.package`"
        )


def tensors_of(path: Path, *, trusted: bool) -> dict[str, Any]:
    """The weights by name. trusted: the recipe allows what runs code of its author."""
    if path.suffix == ".safetensors":
        from safetensors.torch import load_file

        held: dict[str, Any] = load_file(path)
        return held
    from expert_models.experts.models.weights_pickle import read_pickle

    return read_pickle(path, trusted=trusted)
