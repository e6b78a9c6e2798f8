"""The choices of a ground step, read back from its options."""

from dataclasses import dataclass
from typing import Any

from pipelines.grounding.route import Route, route_of


@dataclass(frozen=True)
class Settings:
    """See `pipelines.grounding.steps.ground_options`."""

    routes: tuple[Route, ...]
    volume_routes: tuple[Route, ...]
    compare: bool
    least_agreement: float
    merge: str
    overlap: float
    smallest_px: int


def settings_of(options: dict[str, Any]) -> Settings | None:
    """None where no expert is asked."""
    if not options.get("routes") and not options.get("volume_routes"):
        return None
    return Settings(
        routes=tuple(map(route_of, options["routes"])),
        volume_routes=tuple(map(route_of, options["volume_routes"])),
        compare=options["compare"],
        least_agreement=options["least_agreement"],
        merge=options["merge"],
        overlap=options["overlap"],
        smallest_px=options["smallest_px"],
    )
