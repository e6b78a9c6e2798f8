"""Model experts of a recipe: card files, and where their weights lie on this machine."""

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from expert_models.experts.base import AnyExpert
from pipelines.commit import sha256_of
from pipelines.grounding.choice import ModelExpertChoice
from pipelines.grounding.route import Chosen


@dataclass(frozen=True)
class ModelPlace:
    """Absolute path of the card; path or Hub id of the weights, None: as the card says."""

    card: str
    weights: str | None
    allow_pickle: bool

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


def place_of(choice: ModelExpertChoice, recipe_folder: Path) -> ModelPlace:
    """Paths are relative to the recipe; weights that are no file there are left as they are (a Hub id)."""
    weights = choice.weights
    if weights is not None and (recipe_folder / weights).exists():
        weights = str((recipe_folder / weights).resolve())
    return ModelPlace(str((recipe_folder / choice.card).resolve()), weights, choice.allow_pickle)


def chosen_model(name: str, place: ModelPlace, compute: dict[str, Any]) -> Chosen:
    """The expert as routes name it. Reads the card, no weights. Raises OSError, ValueError or ImportError."""
    depends = {"card_sha256": sha256_of(Path(place.card)), **compute}
    expert = model_expert(place.as_json(), device="cpu", precision="float32")
    return Chosen(name, expert.card, depends)


def model_expert(place: dict[str, Any], *, device: str, precision: str) -> AnyExpert:
    """The expert of a card file, not loaded."""
    from expert_models.experts.models.card import expert_of, load_card

    return expert_of(
        load_card(Path(place["card"])),
        weights=place["weights"],
        device=device,
        precision=precision,
        allow_pickle=place["allow_pickle"],
    )
