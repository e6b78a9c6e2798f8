"""Weights that are not where a recipe says: told when a plan is made, before anything is read. Digests take
time, and are held to their cards when a build starts (pipelines.grounding.sparing)."""

from collections.abc import Iterable
from pathlib import Path

from pipelines.grounding.models import ModelPlace
from pipelines.grounding.route import Route

NEXT = "put them there, name others as `weights` of the expert, or give its routes a `fallback`"


def absent(place: ModelPlace) -> str | None:
    """What is not there, and what to do. None: it is, or it is on the Hub, or a package brings its own."""
    from expert_models.experts.models.card import load_card

    card = load_card(Path(place.card))
    name = place.weights or card.weights
    if name is None:
        return None
    path = Path(name) if place.weights is not None else card.folder / name
    if not path.exists():
        on_hub = card.revision is not None and len(Path(name).parts) == 2 and name[0] != "/"
        expected = "a file or folder there, or a Hub id with `revision` in the card"
        return None if on_hub else f"found no weights at {path}; expected {expected}; {NEXT}"
    lost = [file for file in card.files if path.is_dir() and not (path / file).is_file()]
    return (
        f"found no {lost[0]!r} in {path}; expected the `files` of the card; {NEXT}"
        if lost
        else None
    )


def needed(routes: Iterable[Route]) -> list[str]:
    """Names of experts that no other stands in for: those of routes without a fallback, and fallbacks."""
    return list(dict.fromkeys((route.fallback or route.expert).name for route in routes))
