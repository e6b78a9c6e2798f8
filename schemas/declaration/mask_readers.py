"""Annotation readers of mask images: one per picture, several, or crops placed by a table."""

import re
from typing import Annotated, Literal

from pydantic import BeforeValidator, Field, model_validator

from schemas.declaration.annotation import Annotations, constant, groups
from schemas.declaration.value import PathTemplate, Pattern, Template

_COLOR = re.compile(r"#[0-9a-fA-F]{6}")


def _color(value: object) -> object:
    if isinstance(value, str) and not _COLOR.fullmatch(value):
        raise ValueError(f"{value!r} is no colour; write #rrggbb in quotes")
    return value


Color = Annotated[str, BeforeValidator(_color)]


class Mask(Annotations):
    """One mask image per picture: binary, one value a label, or one colour a label."""

    reader: Literal["mask"]
    file: PathTemplate = Field(description="the mask of an item, as a template over its columns")
    label: Template | None = Field(
        None, description="the one label of a binary mask (may be a template)"
    )
    threshold: int = Field(
        1, ge=1, description="binary: lowest value of the foreground; 128 for JPEG"
    )
    outline: Literal["fill"] | None = Field(
        None, description="fill: the mask is a closed thin line; what it encloses is the region"
    )
    values: dict[int, str] | None = Field(
        None, description="label map: pixel value: label (0: background)"
    )
    instances: bool = Field(
        False, description="label map with one number an object, all of one `label`"
    )
    colors: dict[Color, str] | None = Field(None, description="colour '#rrggbb': label")
    background: Color = Field("#000000", description="colour of nothing")
    tolerance: int = Field(
        0, ge=0, le=127, description="largest difference of a channel from a colour"
    )
    edges: Literal["exact", "mixed"] = Field(
        "exact",
        description="mixed: blends of background and a colour (resizing, JPEG) go to the nearer",
    )
    stray: float = Field(
        0.0,
        ge=0,
        le=0.05,
        description="share of the foreground that may hold no declared value or colour",
    )

    @model_validator(mode="after")
    def _one_kind(self) -> "Mask":
        if self.values and self.colors:
            raise ValueError("has values and colors; keep the one that the files hold")
        if (self.label is None) == (not self.values and not self.colors):
            raise ValueError(
                "give `label` (binary, instances), or `values`, or `colors`; one of them"
            )
        if self.outline and (self.values or self.colors or self.instances):
            raise ValueError(
                "`outline` goes with a binary mask; drop it or give threshold and label"
            )
        return self

    def declared(self) -> list[str]:
        named = (self.values or self.colors or {}).values()
        return list(dict.fromkeys([*self.labels, *named, *constant(self.label)]))


class Masks(Annotations):
    """Several mask images per picture: one a structure, or one an object."""

    reader: Literal["masks"]
    files: PathTemplate = Field(description="glob of the masks of an item, with {column} holes")
    pattern: Pattern | None = Field(
        None, description="regular expression over the mask's path; groups `label`, `instance`"
    )
    label: Template | None = Field(
        None, description="the label, where the pattern has no group `label`"
    )
    each: Literal["object", "structure"] = Field(
        description="object: a file is one object; structure: a file is a class, split into components"
    )
    threshold: int = Field(1, ge=1, description="lowest value of the foreground")
    empty: Literal["fault", "absent"] = Field(
        "fault", description="an empty file is a fault, or says that the structure is not there"
    )

    @model_validator(mode="after")
    def _one_label(self) -> "Masks":
        grouped = "label" in groups(self.pattern)
        if grouped == (self.label is not None):
            raise ValueError("needs `label`, or a group (?P<label>...) in `pattern`; one of them")
        return self

    def declared(self) -> list[str]:
        return list(dict.fromkeys([*self.labels, *constant(self.label)]))


class Crops(Annotations):
    """Table rows that place a small mask image at a corner."""

    reader: Literal["crops"]
    table: str = Field(description="a table with `rows: many`")
    file: PathTemplate = Field(description="the mask file of a row, as a template over the row")
    left: Template = Field(description="x of its left column, as a template over the row")
    top: Template = Field(description="y of its top row")
    size: Template | None = Field(None, description="size of the picture, as WIDTHxHEIGHT; checked")
    label: Template = Field(description="label of the row")
    threshold: int = Field(
        1, ge=1, description="lowest value of any colour channel in the foreground"
    )
