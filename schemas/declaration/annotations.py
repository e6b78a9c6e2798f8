"""The annotation readers a declaration can name. Each model is one reader and its keys."""

import re
from typing import Annotated, Literal

from pydantic import BeforeValidator, Field, field_validator, model_validator

from schemas.declaration.value import (
    PathTemplate,
    Pattern,
    Strict,
    Template,
    Texts,
    allow,
    allow_findings,
    holds,
)

Convention = Literal[
    "xyxy", "xyxy-inclusive", "xyxy-1based-inclusive", "xywh", "xywh-inclusive", "xywh-1based",
    "cxcywh", "xyxy-normalised", "xywh-normalised", "cxcywh-normalised",
]  # fmt: skip
"""How four numbers mean a box; `transforms.layouts.boxes` holds the exact conversions."""

_COLOR = re.compile(r"#[0-9a-fA-F]{6}")


class Annotations(Strict):
    """What every reader has."""

    labels: dict[str, str] = Field(
        {},
        description="label of the source: finding of vocab/findings.yaml; others are kept as they are",
    )
    complete: bool | list[str] = Field(
        False,
        description="labels annotated exhaustively: all (true), none (false), or a list. "
        "Only these allow to say that something is not there",
    )
    complete_where: dict[str, Pattern] | None = Field(
        None,
        description="column: regular expression; `complete` holds only for pictures for which all do "
        "(`modality` is the picture's, also where a rule measured it)",
    )
    note: str = Field("", description="what `complete` rests on, or anything a reader should know")
    by: Literal["expert", "model", "unstated"] = Field(
        "unstated", description="who drew it; `model` flags every picture as annotated by a model"
    )
    where: dict[str, Pattern] | None = Field(
        None, description="column: regular expression; only items for which all hold"
    )
    optional: bool = Field(False, description="true: an item without this annotation is no fault")

    @field_validator("labels")
    @classmethod
    def _terms(cls, value: dict[str, str]) -> dict[str, str]:
        allow_findings(value.values())
        return value

    @model_validator(mode="after")
    def _complete_of_something(self) -> "Annotations":
        if self.complete is True and not self.declared():
            raise ValueError("`complete: true` of no labels; name the labels under `labels`")
        allow(
            self.exhaustive(),
            self.declared(),
            "label of this reader",
            "`complete` lists labels of the source, as `labels`, `label`, `values` or `colors` name them",
        )
        return self

    def declared(self) -> list[str]:
        """Every label of the source that the declaration names for this reader."""
        return list(self.labels)

    def exhaustive(self) -> list[str]:
        """Labels annotated exhaustively."""
        if isinstance(self.complete, bool):
            return self.declared() if self.complete else []
        return list(self.complete)

    def concerns(self, columns: dict[str, str]) -> bool:
        """Does this reader speak of an item with these columns?"""
        return holds(self.where, columns)


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
        return list(dict.fromkeys([*self.labels, *named, *_constant(self.label)]))


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
        grouped = "label" in _groups(self.pattern)
        if grouped == (self.label is not None):
            raise ValueError("needs `label`, or a group (?P<label>...) in `pattern`; one of them")
        return self

    def declared(self) -> list[str]:
        return list(dict.fromkeys([*self.labels, *_constant(self.label)]))


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


class Boxes(Annotations):
    """Table rows that give a box each."""

    reader: Literal["boxes"]
    table: str = Field(description="a table with `rows: many`")
    box: tuple[Template, Template, Template, Template] = Field(
        description="four templates over the row, in the order of the convention"
    )
    convention: Convention = Field(description="what the four numbers mean")
    label: Template = Field(description="label of the row (a template or a fixed text)")
    score: Template | None = Field(None, description="confidence between 0 and 1")

    def declared(self) -> list[str]:
        return list(dict.fromkeys([*self.labels, *_constant(self.label)]))


class Coco(Annotations):
    """A COCO json: boxes, polygons, RLE."""

    reader: Literal["coco"]
    file: PathTemplate = Field(description="the json file")
    match: Template = Field("{file}", description="template over an item that equals `file_name`")


class Voc(Annotations):
    """A Pascal VOC xml per picture (boxes 1-based and inclusive)."""

    reader: Literal["voc"]
    file: PathTemplate = Field(description="the xml of an item, as a template")
    convention: Convention = Field(
        "xyxy-1based-inclusive", description="what xmin ymin xmax ymax mean; VOC's own by default"
    )


class Yolo(Annotations):
    """A YOLO txt per picture: class, cx, cy, w, h as shares (or class and polygon points)."""

    reader: Literal["yolo"]
    file: PathTemplate = Field(description="the txt of an item, as a template")
    classes: Texts | None = Field(None, description="labels of classes 0, 1, ...")
    names: PathTemplate | None = Field(None, description="or a file with one label a line")

    @model_validator(mode="after")
    def _classes_known(self) -> "Yolo":
        if (self.classes is None) == (self.names is None):
            raise ValueError("needs `classes` (a list) or `names` (a file); one of them")
        return self

    def declared(self) -> list[str]:
        return list(dict.fromkeys([*self.labels, *(self.classes or [])]))


class GeoJson(Annotations):
    """A GeoJSON per picture, as QuPath writes it: polygons with holes, in pixels."""

    reader: Literal["geojson"]
    file: PathTemplate = Field(description="the geojson of an item, as a template")
    label: str | None = Field(None, description="label of features that carry no classification")


_COMPONENTS = "true: each 3-D connected part is an object of its own, with its own volume (lesions)"


class DicomObjects(Annotations):
    """SEG and RTSTRUCT objects of the same tree, joined to images by the UIDs they refer to."""

    reader: Literal["dicom-objects"]


class LabelVolume(Annotations):
    """A NIfTI label volume on the grid of the image volume."""

    reader: Literal["label-volume"]
    file: PathTemplate = Field(description="the label volume of an item, as a template")
    values: dict[int, str] = Field(description="voxel value: label (0: background)")
    components: bool = Field(False, description=_COMPONENTS)

    def declared(self) -> list[str]:
        return list(dict.fromkeys([*self.labels, *self.values.values()]))


class StructureVolumes(Annotations):
    """One binary NIfTI a structure, on the grid of the image volume."""

    reader: Literal["structure-volumes"]
    files: PathTemplate = Field(description="glob of the structure files of an item")
    components: bool = Field(False, description=_COMPONENTS)
    pattern: Pattern | None = Field(
        None,
        description="regular expression over the path with a group `label`; default: the file's stem",
    )

    @field_validator("pattern")
    @classmethod
    def _labelled(cls, value: str | None) -> str | None:
        if value is not None and "label" not in _groups(value):
            raise ValueError(
                "has no group `label`; write (?P<label>...) around the structure's name"
            )
        return value


AnAnnotation = Annotated[
    Mask | Masks | Crops | Boxes | Coco | Voc | Yolo | GeoJson | DicomObjects | LabelVolume
    | StructureVolumes,
    Field(discriminator="reader"),
]  # fmt: skip

READERS: dict[str, type[Annotations]] = {
    "mask": Mask,
    "masks": Masks,
    "crops": Crops,
    "boxes": Boxes,
    "coco": Coco,
    "voc": Voc,
    "yolo": Yolo,
    "geojson": GeoJson,
    "dicom-objects": DicomObjects,
    "label-volume": LabelVolume,
    "structure-volumes": StructureVolumes,
}
"""Reader name to its model, in the order the documentation tells them."""


def _groups(pattern: str | None) -> set[str]:
    return set(re.compile(pattern).groupindex) if pattern else set()


def _constant(label: str | None) -> list[str]:
    return [label] if label is not None and "{" not in label else []
