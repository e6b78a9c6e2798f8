"""A route as a step carries it: plain JSON that holds all that can change what the expert finds."""

from dataclasses import asdict, dataclass, field
from typing import Any

from expert_models.experts.base import ExpertCard
from expert_models.experts.policy import Policy
from expert_models.experts.registry import suits
from pipelines.grounding.choice import Missing


@dataclass(frozen=True)
class Chosen:
    """One expert of a route: its name in the recipe, its card, and what its answers depend on besides.

    card    of the expert; `batch` may differ between machines and is not part of what a step rests on
    depends what else changes its answers: digests of card file and weights, device and precision of a model
    """

    name: str
    card: ExpertCard
    depends: dict[str, Any] = field(default_factory=dict)

    def as_json(self) -> dict[str, Any]:
        card = {k: _json(v) for k, v in asdict(self.card).items() if k != "batch"}
        return {"name": self.name, "card": card, "depends": self.depends}


@dataclass(frozen=True)
class When:
    """Which pictures or volumes a route is for. None: what the card accepts."""

    missing: Missing = "label"
    modalities: tuple[str, ...] | None = None
    anatomies: tuple[str, ...] | None = None
    sources: tuple[str, ...] | None = None


@dataclass(frozen=True)
class Route:
    """One expert, when it is asked, what is kept of its findings, and who is asked in its place.

    unavailable  why the expert cannot be had; its fallback is asked alone. Part of what a step rests on: once the
                 expert is there, the step is run again (pipelines.grounding.sparing)
    """

    expert: Chosen
    when: When = field(default_factory=When)
    policy: Policy = field(default_factory=Policy)
    fallback: Chosen | None = None
    unavailable: str | None = None

    @property
    def name(self) -> str:
        return self.expert.name

    @property
    def chosen(self) -> tuple[Chosen, ...]:
        """The expert and its fallback."""
        return (self.expert,) if self.fallback is None else (self.expert, self.fallback)

    def accepts(self, modality: str | None, anatomy: str | None, source: str | None) -> bool:
        """Is the route for such pictures? source None: of a source that is not known here."""
        when = self.when
        if when.sources is not None and source is not None and source not in when.sources:
            return False
        if when.modalities is not None and modality not in when.modalities:
            return False
        if when.anatomies is not None and anatomy not in when.anatomies:
            return False
        return suits(self.expert.card, modality, anatomy)

    def as_json(self) -> dict[str, Any]:
        """For the options of a step; `route_of` reads it back."""
        return {
            "expert": self.expert.as_json(),
            "when": {k: _json(v) for k, v in asdict(self.when).items()},
            "policy": asdict(self.policy),
            "fallback": None if self.fallback is None else self.fallback.as_json(),
            "unavailable": self.unavailable,
        }


def route_of(values: dict[str, Any]) -> Route:
    """The route of `Route.as_json`."""
    when: dict[str, Any] = _tuples(values["when"])
    fallback = values["fallback"]
    return Route(
        expert=_chosen(values["expert"]),
        when=When(**when),
        policy=Policy(**values["policy"]),
        fallback=None if fallback is None else _chosen(fallback),
        unavailable=values["unavailable"],
    )


def _chosen(values: dict[str, Any]) -> Chosen:
    return Chosen(values["name"], ExpertCard(**_tuples(values["card"])), values["depends"])


def _tuples(values: dict[str, Any]) -> dict[str, Any]:
    return {k: tuple(v) if isinstance(v, list) else v for k, v in values.items()}


def _json(value: Any) -> Any:
    """What JSON would make of it; anything else as its text."""
    if isinstance(value, dict):
        return {str(k): _json(v) for k, v in value.items()}
    if isinstance(value, list | tuple):
        return [_json(v) for v in value]
    return value if isinstance(value, str | int | float | bool | None) else repr(value)
