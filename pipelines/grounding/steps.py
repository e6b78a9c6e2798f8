"""What the grounding of a recipe means to its steps: choices that change what is found, and where models lie."""

from typing import Any

from pipelines.grounding.route import Route
from pipelines.grounding.routes import Grounding


def ingest_options(grounding: Grounding | None) -> dict[str, Any]:
    """Of an ingest step.

    keep_native    commit the stored values (HU) of CT slices: a picture route's expert reads them
    volume_routes  routes of volume experts, in order (`Route.as_json`)
    compare        they look where their labels are annotated, too
    """
    if grounding is None:
        return {"keep_native": False, "volume_routes": [], "compare": False}
    needed = any(s.card.needs_native for route in grounding.pictures for s in route.chosen)
    return {
        "keep_native": needed,
        "volume_routes": [route.as_json() for route in grounding.volumes],
        "compare": grounding.choice.compare and bool(grounding.volumes),
    }


def ground_options(grounding: Grounding | None, smallest_px: int) -> dict[str, Any]:
    """Of a ground step; {} where no expert is asked. smallest_px: pixels of the smallest mask region."""
    if grounding is None:
        return {}
    choice = grounding.choice
    return {
        "routes": [route.as_json() for route in grounding.pictures],
        "volume_routes": [route.as_json() for route in grounding.volumes],
        "compare": choice.compare,
        "least_agreement": choice.least_agreement,
        "merge": choice.merge,
        "overlap": choice.overlap,
        "smallest_px": smallest_px,
    }


def where_of(grounding: Grounding | None, routes: tuple[Route, ...] = ()) -> dict[str, Any]:
    """A step's `where`: where the models of these routes lie on this machine, on what they run, how many
    scans an expert takes at once. None of it changes what is found."""
    chosen = {one.name: one for route in routes for one in route.chosen}
    where: dict[str, Any] = {}
    if batches := {name: s.card.batch for name, s in chosen.items() if s.card.batch > 1}:
        where["batches"] = batches
    if grounding is None:
        return where
    models = {name: p.as_json() for name, p in grounding.places.items() if name in chosen}
    if models:
        where |= {"experts": models, "device": grounding.device}
        where["precision"] = grounding.choice.precision
    return where
