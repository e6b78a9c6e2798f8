"""A decoded picture as an expert sees it."""

from expert_models.experts.base import Scan
from transforms.layouts.item import Meaning
from transforms.picture import Picture


def scan_of(picture: Picture, means: Meaning, id: str) -> Scan:
    """The scan of a picture. Its annotations stay behind: an expert never sees the truth."""
    return Scan(
        id=id,
        display=picture.display,
        modality=means.modality,
        anatomy=means.anatomy or _stated(picture, "anatomy"),
        native=picture.native,
        unit=picture.unit,
        spacing_mm=picture.spacing_mm,
        plane=picture.plane,
        view=means.view or _stated(picture, "view"),
        orientation=picture.orientation,
    )


def _stated(picture: Picture, kind: str) -> str | None:
    return next((s.value for s in picture.statements if s.kind == kind), None)
