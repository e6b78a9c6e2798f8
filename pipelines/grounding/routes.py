"""From the section `grounding` of a recipe to routes: names looked up, cards read, faults told at once."""

from collections import Counter
from dataclasses import dataclass, field
from importlib.resources import files
from pathlib import Path

import yaml

from expert_models.experts.base import ExpertCard
from expert_models.experts.policy import Policy
from expert_models.experts.registry import BUILT_IN, broken, cards
from pipelines.errors import UsageError
from pipelines.grounding.absent import absent, needed
from pipelines.grounding.choice import GroundingChoice, RouteChoice
from pipelines.grounding.devices import compute_of
from pipelines.grounding.models import ModelPlace, chosen_model, place_of
from pipelines.grounding.route import Chosen, Route, When


@dataclass(frozen=True)
class Grounding:
    """The section `grounding`, resolved: what steps rest on, and where models lie on this machine."""

    choice: GroundingChoice
    routes: tuple[Route, ...]
    places: dict[str, ModelPlace] = field(default_factory=dict)
    device: str = "cpu"

    @property
    def pictures(self) -> tuple[Route, ...]:
        """Routes of experts that look at pictures, in order."""
        return tuple(r for r in self.routes if r.expert.card.dimensions == 2)

    @property
    def volumes(self) -> tuple[Route, ...]:
        """Routes of experts that look at volumes, in order."""
        return tuple(r for r in self.routes if r.expert.card.dimensions == 3)

    @property
    def without_expert(self) -> tuple[Route, ...]:
        """Routes whose expert cannot be had, so that its fallback looks alone."""
        return tuple(r for r in self.routes if r.unavailable is not None)


def resolve_grounding(choice: GroundingChoice, recipe_folder: Path) -> Grounding:
    """Every route with its experts' cards. Loads no weights. Raises UsageError that lists every fault,
    weights that are not there and that no fallback stands in for among them."""
    faults: list[str] = []
    device, compute = compute_of(choice)
    places = {name: place_of(model, recipe_folder) for name, model in choice.experts.items()}
    known = _registered()
    failed: set[str] = set()
    for name, place in places.items():
        if name in known:
            faults.append(f"expert {name!r} of `experts` has the name of a registered expert")
            continue
        try:
            known[name] = chosen_model(name, place, compute)
        except (OSError, ValueError, ImportError) as error:
            failed.add(name)
            faults.append(f"expert {name!r}: {error}")
    routes: list[Route] = []
    listed = _listed(choice)
    for entry in listed:
        try:
            if failed.isdisjoint(_names(entry)):
                routes.append(_route(entry, known))
                continue
            for name in _names(entry) - failed:  # that one failed is told already
                _named(name, known)
        except ValueError as error:
            faults.append(str(error))
    faults += _idle(choice, listed) + _alike(routes) + _without_weights(routes, places)
    if faults:
        raise UsageError(f"grounding: {len(faults)} fault(s)\n" + "\n".join(faults))
    return Grounding(choice, tuple(routes), places, device)


def default_routes() -> tuple[RouteChoice, ...]:
    """The shipped routes, then every other expert that comes with medgrain and needs no weights, by name."""
    text = (files("pipelines.grounding") / "default_routes.yaml").read_text("utf-8")
    listed = [RouteChoice.model_validate(entry) for entry in yaml.safe_load(text)]
    listed = [entry for entry in listed if entry.expert in _registered()]
    names = {entry.expert for entry in listed} | {entry.fallback for entry in listed}
    free = [c.name for c in cards() if c.name in BUILT_IN and not c.weights_sha256]
    return (*listed, *(RouteChoice(expert=name) for name in sorted(free) if name not in names))


def _listed(choice: GroundingChoice) -> list[RouteChoice]:
    """The routes as written; the word `default` stands for the shipped ones in its place."""
    entries = ["default"] if choice.routes == "default" else choice.routes
    out: list[RouteChoice] = []
    for entry in entries:
        out += default_routes() if isinstance(entry, str) else [entry]
    return out


def _registered() -> dict[str, Chosen]:
    return {card.name: Chosen(card.name, card) for card in cards()}


def _route(entry: RouteChoice, known: dict[str, Chosen]) -> Route:
    """Raises ValueError on a name that nothing has, and on a fallback that could not stand in."""
    expert = _named(entry.expert, known)
    fallback = None if entry.fallback is None else _named(entry.fallback, known)
    if fallback is not None and _work(fallback.card) != _work(expert.card):
        raise ValueError(
            f"route {entry.expert!r}: its fallback {entry.fallback!r} does other work (pictures or volumes, "
            "boxes refined or not); name an expert of the same kind"
        )
    if (entry.when.missing == "mask") != expert.card.refines:
        raise ValueError(
            f"route {entry.expert!r}: `missing: mask` goes with an expert that refines boxes to masks, and only "
            f"with one; this one {'does' if expert.card.refines else 'does not'}"
        )
    when = entry.when
    return Route(
        expert,
        When(when.missing, _tuple(when.modalities), _tuple(when.anatomies), _tuple(when.sources)),
        Policy(**entry.policy.model_dump()),
        fallback,
    )


def _work(card: ExpertCard) -> tuple[int, bool]:
    return card.dimensions, card.refines


def _named(name: str, known: dict[str, Chosen]) -> Chosen:
    if name in known:
        return known[name]
    for one in broken():
        if one.name == name:
            raise ValueError(str(one))
    raise ValueError(
        f"no expert is called {name!r}; see `medgrain experts list`, or add it to `experts`"
    )


def _names(entry: RouteChoice) -> set[str]:
    """Of the expert and its fallback, as written."""
    return {entry.expert} if entry.fallback is None else {entry.expert, entry.fallback}


def _idle(choice: GroundingChoice, listed: list[RouteChoice]) -> list[str]:
    used = {name for entry in listed for name in _names(entry)}
    idle = sorted(set(choice.experts) - used)
    return [f"`experts` has {name!r}, which no route names; take it out" for name in idle]


def _alike(routes: list[Route]) -> list[str]:
    """Two experts of one producer: regions could not tell which of them found them."""
    chosen = {s.name: s for route in routes for s in route.chosen}
    many = Counter(s.card.producer for s in chosen.values())
    return [
        f"two experts of the routes are {p!r}; give their cards other names"
        for p, n in many.items()
        if n > 1
    ]


def _without_weights(routes: list[Route], places: dict[str, ModelPlace]) -> list[str]:
    told = {name: absent(places[name]) for name in needed(routes) if name in places}
    return [f"expert {name!r} of {places[name].card}: {why}" for name, why in told.items() if why]


def _tuple(values: list[str] | None) -> tuple[str, ...] | None:
    return None if values is None else tuple(values)
