"""What listing a source yields, and what a picture of it means. Plain data: safe to pickle or to JSON."""

from dataclasses import dataclass, field
from typing import Any

from schemas.fact import Statement
from schemas.reject import Fault


@dataclass(frozen=True)
class Item:
    """One thing a source holds.

    name      the source's own name of it, unique in the source: a path without suffix, a series
    kind      raster | nifti | dicom
    files     role: paths below the source folder, in order. Roles: "image", "annotation:0", ... for
              the n-th reader of the declaration; files that are absent are listed all the same
    columns   every named value the source gives: built-in, name parts, joined table cells
    rows      annotation rows by reader ("annotation:0") as the table or the COCO json gives them
    bytes     size of all files, for the shard plan
    """

    name: str
    kind: str
    files: dict[str, list[str]]
    columns: dict[str, str] = field(default_factory=dict)
    rows: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    bytes: int = 0


@dataclass(frozen=True)
class Listing:
    """All items of a source in a fixed order, and what could not become one: (item name, fault)."""

    items: list[Item]
    faults: list[tuple[str, Fault]]


@dataclass(frozen=True)
class Meaning:
    """What the declaration makes of one picture. None: the source does not say.

    patient, study   the source's own words, to be hashed; patient None: the item is its own patient
    labels           findings asserted present of the whole picture
    statements       every fact the declaration and its columns carry on the picture
    label_map        label of the source: finding
    complete         labels of the source annotated exhaustively in this picture
    extra            columns that nothing maps
    flags            doubts that stay with the picture
    """

    modality: str
    anatomy: str | None
    patient: str | None
    study: str | None
    labels: list[str]
    license: str
    split: str | None
    view: str | None
    side: str | None
    day: int | None
    statements: list[Statement]
    extra: dict[str, str]
    flags: list[str]
    label_map: dict[str, str] = field(default_factory=dict)
    complete: frozenset[str] = frozenset()


class LabelFault(Fault):
    """One annotation of a known label that cannot be used; other labels stay exhaustive."""

    def __init__(self, reason: str, detail: str, label: str) -> None:
        super().__init__(reason, f"label {label!r}: {detail}", "region")
        self.label = label


def annotation_role(number: int) -> str:
    """The role of the files and rows of the n-th annotation reader."""
    return f"annotation:{number}"
