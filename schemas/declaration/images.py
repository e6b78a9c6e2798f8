"""Where the pictures are, and which tables speak of them."""

from typing import Literal

from pydantic import Field, ValidationInfo, field_validator, model_validator

from schemas.declaration.value import (
    AValue,
    Label,
    Paths,
    PathTemplate,
    Pattern,
    Strict,
    Template,
    Texts,
    Value,
    allow,
    holes,
)


class ImageSet(Strict):
    """Files that are items, by glob, by the rows of a table, or by a DICOMDIR."""

    glob: Paths | None = Field(None, description="glob(s) below the source folder, ** allowed")
    table: str | None = Field(None, description="a table whose rows are the items")
    file: PathTemplate | None = Field(
        None, description="with `table`: the file of a row, as a template"
    )
    dicomdir: PathTemplate | None = Field(None, description="a DICOMDIR that lists the files")
    format: Literal["raster", "nifti", "dicom", "slide"] = Field(
        "raster",
        description="raster: PNG, JPEG, TIFF, BMP, GIF; nifti: one volume a file; "
        "dicom: series, multi-frame and single objects found by their headers; "
        "slide: whole-slide images (SVS, pyramidal TIFF, DICOM slide series, ...), cut into tiles",
    )
    pattern: Pattern | None = Field(
        None,
        description="regular expression over the path; its named groups become columns, "
        "and a file that does not match is no item",
    )
    show: PathTemplate | None = Field(
        None,
        description="with `glob`: the picture to show for each file found, where that file is not one "
        "(lesion masks drawn on one template)",
    )
    exclude: Paths | None = Field(None, description="globs of files that are no items")
    name: Template | None = Field(None, description="name of an item; default: path without suffix")
    set: dict[str, str] = Field({}, description="columns of a fixed text for these items")

    @model_validator(mode="after")
    def _one_way(self) -> "ImageSet":
        ways = [k for k in ("glob", "table", "dicomdir") if getattr(self, k) is not None]
        if len(ways) != 1:
            found = " and ".join(ways) or "nothing"
            raise ValueError(f"says {found}; give exactly one of glob, table, dicomdir")
        if (self.table is None) != (self.file is None):
            raise ValueError("`table` and `file` belong together; give both or none")
        if self.dicomdir and self.format != "dicom":
            raise ValueError("`dicomdir` needs `format: dicom`; add it")
        return self


class Table(Strict):
    """A csv, tsv or list file. Everything is read as text."""

    path: Paths = Field(
        description="file(s) below the source folder; several are read one after another"
    )
    delimiter: str = Field(",", description='one character; "\\t" for tab')
    quote: str = Field('"', description="quote character; empty: no quoting")
    encoding: str = Field(
        "utf-8-sig", description="text encoding, such as utf-8-sig, latin-1, utf-16"
    )
    header: bool | Texts = Field(
        True, description="true: first line names the columns; else their names"
    )
    rows: Literal["one", "many"] = Field(
        "one", description="one row an item (its cells become columns), or many (annotation rows)"
    )
    key: Template = Field(description="template over a row ...")
    match: Template = Field("{stem}", description="... that equals this template over an item")
    required: bool = Field(False, description="true: an item without a row is rejected")
    set: dict[str, str] = Field({}, description="columns of a fixed text for items with a row here")

    @model_validator(mode="after")
    def _readable(self) -> "Table":
        if len(self.delimiter) != 1 or len(self.quote) > 1:
            raise ValueError("delimiter is one character, quote one or none; write them so")
        try:
            "".encode(self.encoding)
        except LookupError:
            raise ValueError(
                f"encoding {self.encoding!r} is unknown; use utf-8, latin-1, ..."
            ) from None
        if not holes(self.key):
            raise ValueError('key names no column; write it as "{column}"')
        return self


class Columns(Strict):
    """What columns mean. Each is a Value; every column that nothing names is kept in `extra`."""

    patient: AValue | None = Field(
        None, description="one text a patient; default: each item its own"
    )
    study: AValue | None = Field(None, description="one text a study or visit")
    view: AValue | None = Field(
        None, description="projection or view: PA, AP, lateral, CC, MLO, ..."
    )
    side: AValue | None = Field(
        None, description="left or right, of the patient; only if the source says so"
    )
    sex: AValue | None = Field(None, description="female or male")
    age: AValue | None = Field(None, description="years, a number")
    day: AValue | None = Field(
        None, description="whole days since the patient's first image or event"
    )
    split: AValue | None = Field(None, description="split of origin: train, validation or test")
    stain: AValue | None = Field(None, description="stain of a specimen")
    sequence: AValue | None = Field(
        None, description="MR sequence: T1, T1 post-contrast, T2, FLAIR, ..."
    )
    labels: list[Label] = Field([], description="image-level labels (see labels)")

    @field_validator("side", "sex", "split")
    @classmethod
    def _closed(cls, value: Value | None, info: ValidationInfo) -> Value | None:
        name = str(info.field_name)
        words = CLOSED[name]
        allow(value.targets() if value else [], words, name, f"Map to one of: {', '.join(words)}")
        return value


CLOSED = {
    "side": ("left", "right", "bilateral"),
    "sex": ("female", "male"),
    "split": ("train", "validation", "test"),
}
"""Columns whose meaning is one of few words."""
