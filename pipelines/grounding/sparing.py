"""Experts whose weights cannot be had where the build is planned: the fallback of their route stands in.

Settled once, by the process that plans, as the device is: workers must not decide each for itself, or shards of
one corpus would come from different experts under one key. A route without a fallback is left as it is, and
stops the build when its expert is loaded.
"""

from dataclasses import replace
from pathlib import Path

from pipelines.grounding.models import ModelPlace
from pipelines.grounding.route import Route
from pipelines.grounding.routes import Grounding


def spared(grounding: Grounding) -> Grounding:
    """The grounding with `unavailable` set on routes whose fallback is to look alone. Reads their weights'
    bytes for the digest, and fetches weights that a card pins on the Hub."""
    return replace(grounding, routes=tuple(_settled(r, grounding.places) for r in grounding.routes))


def _settled(route: Route, places: dict[str, ModelPlace]) -> Route:
    place = places.get(route.name)
    if route.fallback is None or place is None:
        return route
    return replace(route, unavailable=_missing(place))


def _missing(place: ModelPlace) -> str | None:
    """Why the weights cannot be had, without a path: it is part of a key. None: they are there.

    Weights that may not be read for what they are (a pickle) are a fault of the recipe, told when loaded.
    """
    from expert_models.experts.models.card import load_card
    from expert_models.experts.models.resident import Setting
    from expert_models.experts.models.weights import WeightsDiffer, located

    card = load_card(Path(place.card))
    if card.weights is None and place.weights is None:
        return None  # a package that brings its own
    try:
        located(card, Setting(place.weights, "cpu", "float32", place.allow_pickle))
    except WeightsDiffer:
        return "its weights are not those that its card names"
    except OSError:
        return "its weights are not there"
    except ValueError:
        return None
    return None
