"""Routes in words, for `medgrain plan`: which expert looks at which source, as far as declarations tell."""

from collections.abc import Sequence
from typing import Any

from pipelines.catalogue import ResolvedSource
from pipelines.grounding.absent import absent
from pipelines.grounding.models import ModelPlace
from pipelines.grounding.route import Route
from pipelines.grounding.routes import Grounding
from schemas.declaration import Declaration


def explain_routes(
    grounding: Grounding | None, sources: Sequence[ResolvedSource]
) -> list[dict[str, Any]]:
    """One row a route, in order; a source stands with "?" where its rows differ. Sources whose files alone say
    what they are (`undeclared`) are in no row."""
    if grounding is None:
        return []
    return [_row(route, sources, grounding.places.get(route.name)) for route in grounding.routes]


def undeclared(sources: Sequence[ResolvedSource]) -> list[str]:
    """Sources whose modality no declaration spells out: their files decide, picture by picture."""
    return [s.name for s in sources if not any(s.declaration.modality.targets())]


def unserved(grounding: Grounding | None, sources: Sequence[ResolvedSource]) -> list[str]:
    """Sources that no route can serve."""
    routes = () if grounding is None else grounding.routes
    named = [source.name for source in sources]
    served = {
        n for s in sources for n in [s.name] if any(_serves(r, s.declaration) for r in routes)
    }
    return [name for name in named if name not in served] if routes else []


def _row(
    route: Route, sources: Sequence[ResolvedSource], place: ModelPlace | None
) -> dict[str, Any]:
    card, when = route.expert.card, route.when
    spelled = [s for s in sources if s.name not in undeclared(sources)]
    served = [(s.name, _serves(route, s.declaration)) for s in spelled]
    return {
        "expert": route.name,
        "looks_at": "volumes" if card.dimensions == 3 else "pictures",
        "finds": list(card.labels),
        "candidate": card.candidate,
        "modalities": list(when.modalities or card.modalities),
        "anatomies": list(when.anatomies or card.anatomies),
        "missing": when.missing,
        "fallback": None if route.fallback is None else route.fallback.name,
        "unavailable": None if place is None else absent(place),
        "sources": [name + ("" if sure == "yes" else "?") for name, sure in served if sure],
    }


def _serves(route: Route, declaration: Declaration) -> str:
    """yes | perhaps | "" (no), from what the declaration spells out of modality and body part."""
    when, card = route.when, route.expert.card
    if when.sources is not None and declaration.name not in when.sources:
        return ""
    modality, anatomy = declaration.modality, declaration.anatomy
    seen = _may_be(modality.targets(), card.modalities, when.modalities)
    if anatomy is None:
        # Some readers state the body part by themselves: a header, a structure of the volume.
        part = "perhaps" if card.anatomies or when.anatomies else "yes"
    else:
        part = _may_be(anatomy.targets(), card.anatomies, when.anatomies)
    if not seen or not part:
        return ""
    return "yes" if seen == part == "yes" else "perhaps"


def _may_be(spelled: list[str], accepted: tuple[str, ...], chosen: tuple[str, ...] | None) -> str:
    """Of a declaration's words, whether the route takes all (yes), some or unknown ones (perhaps), none."""

    def takes(word: str) -> bool:
        return (not accepted or word in accepted) and (chosen is None or word in chosen)

    if not accepted and chosen is None:
        return "yes"
    if not spelled:
        return "perhaps"
    taken = [takes(word) for word in spelled]
    if not any(taken):
        return ""
    return "yes" if all(taken) else "perhaps"
