"""Vocabulary terms as coded concepts of DICOM."""

from dataclasses import dataclass
from functools import cache
from importlib.resources import files

import yaml

from schemas.ids import digest
from schemas.vocabulary import findings

PRIVATE = "99MEDGRAIN"  # designators of private schemes begin with 99, PS3.16 8.2
PRIVATE_NAME = "Terms of medgrain's vocabulary of findings"
MEANING_CHARACTERS = 64  # of a Code Meaning (LO)


@dataclass(frozen=True)
class Code:
    """Value, scheme designator and meaning of a code."""

    value: str
    scheme: str
    meaning: str


@dataclass(frozen=True)
class Coded:
    """How a label is said in codes. `side`, `region`: None where nothing is stated."""

    category: Code
    type: Code
    side: Code | None
    region: Code | None


TISSUE = Code("85756007", "SCT", "Tissue")
STRUCTURE = Code("91723000", "SCT", "Anatomical Structure")
ABNORMAL = Code("49755003", "SCT", "Morphologically Abnormal Structure")
OBJECT = Code("260787004", "SCT", "Physical object")
CATEGORIES = {
    "organ": STRUCTURE, "structure": STRUCTURE, "cell": STRUCTURE, "tissue": TISSUE,
    "lesion": ABNORMAL, "sign": ABNORMAL, "disease": ABNORMAL,
    "device": OBJECT, "artifact": OBJECT,
}  # fmt: skip
"""Segmented property categories, PS3.16 CID 7150; of what is not known, the broadest: tissue."""

SIDES = {
    "left": Code("7771000", "SCT", "Left"),
    "right": Code("24028007", "SCT", "Right"),
}
"""Laterality, PS3.16 CID 244."""


def coded(label: str, kind: str, side: str) -> Coded:
    """Codes of a label; `side` is that of the region, or the term's own where it says "unknown"."""
    term = findings().get(label)
    entry = _entry(label)
    type_ = private(label) if entry is None else Code(entry["code"], "SCT", entry["meaning"])
    at = _table()[entry["at"]] if entry and "at" in entry else None
    if side not in SIDES and term is not None and term.side is not None:
        side = term.side
    return Coded(
        CATEGORIES.get(kind, TISSUE),
        type_,
        SIDES.get(side),
        None if at is None else Code(at["code"], "SCT", at["meaning"]),  # type: ignore[arg-type]
    )


def private(label: str) -> Code:
    """A code of our own scheme: the label itself, or a digest where it is longer than 16 characters."""
    value = label if len(label) <= 16 and label.isascii() else f"MG{digest(label)[:14].upper()}"
    return Code(value, PRIVATE, label[:MEANING_CHARACTERS])


def _entry(label: str) -> dict[str, str] | None:
    """The row of a term, else of the nearest broader one; None: no code is known."""
    name: str | None = label
    while name is not None:
        if name in _table():
            return _table()[name]
        term = findings().get(name)
        name = term.broader if term else None
    return None


@cache
def _table() -> dict[str, dict[str, str] | None]:
    return yaml.safe_load((files("transforms") / "dicom_seg" / "codes.yaml").read_text("utf-8"))
