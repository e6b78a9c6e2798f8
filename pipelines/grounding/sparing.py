"""Experts whose weights cannot be had where the build is planned: the fallback of their route stands in.

Settled once, by the process that plans, before anything is read, as the device is: workers must not decide each
for itself, or shards of one corpus would come from different experts under one key. Without a fallback the build
does not start.
"""

from dataclasses import dataclass, replace
from pathlib import Path

from pipelines.errors import UsageError
from pipelines.grounding.absent import NEXT, needed
from pipelines.grounding.models import ModelPlace
from pipelines.grounding.route import Route
from pipelines.grounding.routes import Grounding


@dataclass(frozen=True)
class Lost:
    """Weights that cannot be had.

    spare  why, without a path: it is part of a key. None: a fault of the recipe, which no fallback mends
    fault  file, found, expected, next step
    """

    spare: str | None
    fault: str


def spared(grounding: Grounding) -> Grounding:
    """The grounding with `unavailable` set on routes whose fallback is to look alone. Reads the bytes of all
    weights, once each, for their digests, and fetches those that a card pins on the Hub.

    Raises UsageError that lists the weights which cannot be had and which no fallback stands in for.
    """
    lost = {n: one for n, place in grounding.places.items() if (one := _lost(place)) is not None}
    wanted = needed(grounding.routes)
    faults = [
        f"expert {name!r} of {grounding.places[name].card}: {one.fault}"
        for name, one in lost.items()
        if name in wanted or one.spare is None
    ]
    if faults:
        raise UsageError(f"grounding: {len(faults)} fault(s)\n" + "\n".join(faults))
    return replace(grounding, routes=tuple(_settled(r, lost) for r in grounding.routes))


def _settled(route: Route, lost: dict[str, Lost]) -> Route:
    one = lost.get(route.name)
    return route if one is None else replace(route, unavailable=one.spare)


def _lost(place: ModelPlace) -> Lost | None:
    """Why the weights cannot be had; None: they are there."""
    from expert_models.experts.models.card import load_card
    from expert_models.experts.models.resident import Setting
    from expert_models.experts.models.weights import WeightsDiffer, located

    card = load_card(Path(place.card))
    if card.weights is None and place.weights is None:
        return None  # a package that brings its own
    try:
        located(card, Setting(place.weights, "cpu", "float32", place.allow_pickle))
    except WeightsDiffer as error:
        where = place.weights or card.folder / str(card.weights)
        return Lost("its weights are not those that its card names", f"{where}: {error}")
    except OSError as error:
        return Lost("its weights are not there", f"{error}; {NEXT}")
    except ValueError as error:  # a pickle that the recipe does not allow
        return Lost(None, str(error))
    return None
