"""Declaration: one public dataset, described so that the generic readers can read it."""

from functools import cached_property
from typing import Literal

from pydantic import Field, field_validator, model_validator

from schemas.declaration.annotations import AnAnnotation
from schemas.declaration.images import Columns, ImageSet, Table
from schemas.declaration.licenses import license_fault
from schemas.declaration.slides import Slides
from schemas.declaration.value import (
    AModality,
    AValue,
    PathTemplate,
    Strict,
    Texts,
    Value,
    Where,
    allow,
    holes,
)
from schemas.vocabulary import findings, organs


class Rule(Where):
    """What to do with pictures that a condition on columns picks out."""

    reason: Literal["not_medical", "augmented_copy"] = Field(description="why; a reject reason")
    policy: Literal["reject", "mark"] = Field(
        "reject",
        description="reject the item, or keep it with `flag` and without the facts of `hide`",
    )
    flag: str = Field("", description="with `mark`: the doubt that stays with the image")
    hide: list[Literal["side", "view", "anatomy", "age", "sex"]] = Field(
        [], description="with `mark`: what would be untrue of such a picture and is not said"
    )

    @model_validator(mode="after")
    def _mark_says_why(self) -> "Rule":
        if (self.policy == "mark") != bool(self.flag):
            raise ValueError("`flag` goes with `policy: mark`; give both or none")
        return self


class Display(Strict):
    """Corrections of the whole picture, applied to image and annotations alike, noted in its steps."""

    flip: Literal["vertical", "horizontal"] | None = Field(
        None, description="vertical: exchange top and bottom; horizontal: left and right"
    )
    where: dict[str, str] | None = Field(None, description="only items whose columns match these")
    spacing_mm: tuple[float, float] | None = Field(
        None, description="pixel spacing the source states: between rows, between columns, in mm"
    )

    physical_size: Literal["stated", "unknown"] = Field(
        "stated",
        description="unknown: the file's spacing is not the patient's (scaled to a template), so that "
        "no length and no volume may be told; spacing and volumes are dropped",
    )

    @field_validator("spacing_mm")
    @classmethod
    def _positive(cls, value: tuple[float, float] | None) -> tuple[float, float] | None:
        if value is not None and not all(0 < v < 1000 for v in value):
            raise ValueError("is not between 0 and 1000 mm; give (between rows, between columns)")
        return value


class Declaration(Strict):
    """A source, declared. Load it with `load_declaration`."""

    name: str = Field(pattern=r"^[a-z0-9][a-z0-9-]*$", description="short name: a-z, 0-9 and -")
    version: str = Field(
        pattern=r"^[0-9A-Za-z][0-9A-Za-z.+-]*$",
        description="of this declaration; raise it with every change",
    )
    title: str = Field(min_length=1, description="name of the dataset, spelled out")
    home: str = Field(pattern=r"^https?://", description="address of its home page")
    license: AValue = Field(
        description="SPDX id or LicenseRef-<name>; or a Value, where rows differ"
    )
    annotation_license: str | None = Field(
        None, description="licence of the annotations, if another"
    )
    endpoints: Literal["local", "contracted", "public"] | None = Field(
        None,
        description="widest class of model endpoint that its pixels and texts may be sent to, by its "
        "terms; unset: none, not even a local one",
    )
    citation: str = Field(min_length=1, description="how to cite it")
    folder: PathTemplate = Field(
        description="its folder below the data root; . for the data root itself"
    )
    modality: AModality = Field(description="code of vocab/modalities.yaml, or where it comes from")
    anatomy: AValue | None = Field(None, description="body part of vocab/anatomy.yaml")
    patient_scope: str | None = Field(
        None,
        pattern=r"^[a-z0-9][a-z0-9-]*$",
        description="sources of one scope name the same people alike; default: the source itself",
    )
    split_of_origin: str = Field(
        min_length=1,
        description="how the source splits itself, in words; 'none stated' if it does not",
    )
    known_issues: Texts = Field(description="what a user must know, one sentence each; [] if none")
    images: list[ImageSet] = Field(min_length=1, description="where the items are (see images)")
    tables: dict[str, Table] = Field({}, description="csv, tsv and list files (see tables)")
    columns: Columns = Field(Columns(), description="what columns mean (see columns)")
    annotations: list[AnAnnotation] = Field([], description="annotation readers (see annotations)")
    rules: list[Rule] = Field([], description="pictures to reject or to mark (see rules)")
    slide: Slides = Field(Slides(), description="how slides become tiles (see slide)")
    display: Display | None = Field(None, description="corrections of the picture (see display)")
    flags: Texts = Field([], description="doubts that hold for every picture of this source")
    drop: Texts = Field([], description="columns that must not travel into `extra`")

    @field_validator("license")
    @classmethod
    def _licensed(cls, value: Value) -> Value:
        _refuse([f for t in value.targets() if (f := license_fault(t))])
        return value

    @field_validator("annotation_license")
    @classmethod
    def _annotations_licensed(cls, value: str | None) -> str | None:
        _refuse([f for t in ([value] if value else []) if (f := license_fault(t))])
        return value

    @field_validator("anatomy")
    @classmethod
    def _body_part(cls, value: Value | None) -> Value | None:
        allow(
            value.targets() if value else [],
            (o.name for o in organs()),
            "body part of schemas/vocab/anatomy.yaml",
            "Use a name of that list, or add one",
        )
        return value

    @property
    def producer(self) -> str:
        """The producer of its regions."""
        return f"annotation:{self.name}@{self.version}"

    @cached_property
    def label_map(self) -> dict[str, str]:
        """Every label of the source that is mapped, and declared labels that are terms already."""
        terms = findings()
        own = {w: w for a in self.annotations for w in a.declared() if w in terms}
        return own | {k: v for a in self.annotations for k, v in a.labels.items()}

    @cached_property
    def named_columns(self) -> frozenset[str]:
        """Every column that a template of this declaration names."""
        says = self.columns
        values = [self.license, self.modality, self.anatomy]
        values += [getattr(says, name) for name in type(says).model_fields if name != "labels"]
        templates = [value.template for value in (*values, *says.labels) if value is not None]
        for part in (*self.images, *self.tables.values(), *self.annotations):
            keys = (key for key in type(part).model_fields if key != "pattern")
            templates += [text for key in keys for text in _texts(getattr(part, key))]
        return frozenset(hole for template in templates for hole in holes(template))


def _texts(value: object) -> list[str]:
    """The texts of a key that may hold one, or a row of them (the four numbers of a box)."""
    if isinstance(value, tuple):
        return [text for text in value if isinstance(text, str)]
    return [value] if isinstance(value, str) else []


def _refuse(faults: list[str]) -> None:
    if faults:
        raise ValueError("; ".join(faults))
