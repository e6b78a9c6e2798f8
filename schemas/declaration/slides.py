"""How whole slides become tiles, and the annotation reader that only slides have."""

from typing import Literal

from pydantic import Field

from schemas.declaration.annotation import Annotations, constant
from schemas.declaration.value import PathTemplate, Strict, Texts

Check = Literal["blur", "pen", "fold"]


class Slides(Strict):
    """Whole slides (`format: slide`): which tiles are cut, and what is done where resolution is not stated."""

    mpp: float = Field(
        0.5, gt=0, le=100, description="resolution of the tiles, µm per pixel (0.5: what 20x shows)"
    )
    tile: int = Field(512, ge=32, le=4096, description="side of a tile, px")
    overlap: float = Field(
        0.0, ge=0, le=0.9, description="share of its side that a tile shares with the next"
    )
    least_tissue: float = Field(
        0.5, ge=0, le=1, description="share of a tile that must show tissue; else it is refused"
    )
    most_tiles: int = Field(
        64, ge=1, description="at most so many tiles of one slide, spread over its tissue"
    )
    checks: list[Check] = Field(
        ["blur", "pen", "fold"],
        description="tiles refused for: no focus, ink, folded tissue. Drop `pen` for blue or green stains, "
        "such as a trichrome",
    )
    scan_mpp: float | None = Field(
        None,
        gt=0,
        le=100,
        description="µm per pixel of the full-size level as the source states it, for files that do not",
    )
    mpp_from_power: bool = Field(
        False,
        description="true: where neither says it, 10 µm over the objective power (40x: 0.25), flagged",
    )


class SlideXml(Annotations):
    """An XML of contours per slide, as Aperio ImageScope or ASAP write it, in pixels of the full-size level."""

    reader: Literal["slide-xml"]
    file: PathTemplate = Field(description="the xml of an item, as a template")
    label_from: Literal["group", "name", "color"] = Field(
        "group",
        description="group: the layer (Aperio) or the group (ASAP) of a contour; name: its own name or "
        "text; color: its colour, #rrggbb",
    )
    label: str | None = Field(None, description="label of contours that carry none")
    holes: Texts = Field(
        [], description="labels whose contours are cut out of all others, and are no objects"
    )

    def declared(self) -> list[str]:
        return list(dict.fromkeys([*self.labels, *constant(self.label)]))
