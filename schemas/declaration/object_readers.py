"""Annotation readers of objects: boxes of a table, COCO, Pascal VOC, YOLO, GeoJSON."""

from typing import Literal

from pydantic import Field, model_validator

from schemas.declaration.annotation import Annotations, constant
from schemas.declaration.value import PathTemplate, Template, Texts

Convention = Literal[
    "xyxy", "xyxy-inclusive", "xyxy-1based-inclusive", "xywh", "xywh-inclusive", "xywh-1based",
    "cxcywh", "xyxy-normalised", "xywh-normalised", "cxcywh-normalised",
]  # fmt: skip
"""How four numbers mean a box; `transforms.layouts.boxes` holds the exact conversions."""


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
        return list(dict.fromkeys([*self.labels, *constant(self.label)]))


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
