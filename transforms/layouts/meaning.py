"""What a declaration makes of one picture: codes into terms, columns into facts."""

import math
from collections.abc import Iterator

from schemas.declaration import Declaration
from schemas.declaration.licenses import license_fault
from schemas.declaration.value import BUILT_IN, Assertion, Label, Value, fill, holds, holes
from schemas.fact import Origin, Statement
from schemas.reject import Fault
from schemas.vocabulary import modalities, organs
from transforms.layouts.item import Item, Meaning
from transforms.layouts.modality_rules import RULES
from transforms.picture import Picture

OLDEST = 130.0  # years
UNSTATED = "OT"  # the modality code that states nothing
HASHED_ONLY = (
    "PatientID", "StudyInstanceUID", "SeriesInstanceUID", "SOPInstanceUID", "Modality",
)  # fmt: skip
"""DICOM header columns that never travel into `extra`: they name a person or a visit."""


def meaning(picture: Picture, item: Item, declaration: Declaration) -> Meaning:
    """The meaning of one picture of an item.

    Where the declaration is silent on patient and study, those of a DICOM header count.
    Columns are the item's, then the picture's own (`picture.columns`), then `modality` as the file
    header states it. Raises Fault: modality_unknown, license_unknown, value_unmapped.
    """
    columns = item.columns | picture.columns
    columns.setdefault("modality", picture.modality or "")
    modality = _modality(declaration, picture, columns)
    columns["modality"] = modality
    rules = [r for r in declaration.rules if r.policy == "mark" and r.holds(columns)]
    hidden = {name for rule in rules for name in rule.hide}
    says = declaration.columns
    text = {
        name: None if name in hidden else value_of(getattr(says, name), columns, name)
        for name in (
            "patient",
            "study",
            "view",
            "side",
            "sex",
            "age",
            "day",
            "split",
            "stain",
            "sequence",
        )
    }
    anatomy = None if "anatomy" in hidden else value_of(declaration.anatomy, columns, "anatomy")
    if anatomy is not None and organs().get(anatomy) is None:
        raise Fault("value_unmapped", "anatomy: the value is no body part of the vocabulary")
    findings = _findings(says.labels, columns)
    flags = [*declaration.flags, *(rule.flag for rule in rules), *_model_flags(declaration, item)]
    return Meaning(
        modality=modality,
        anatomy=anatomy,
        patient=text["patient"] or (columns.get("PatientID") if says.patient is None else None),
        study=text["study"] or (columns.get("StudyInstanceUID") if says.study is None else None),
        labels=[s.value for s in findings if s.polarity == "present" and s.value],
        license=_license(declaration, columns),
        split=text["split"],
        view=text["view"],
        side=text["side"] if text["side"] in ("left", "right") else None,
        day=_day(text["day"]),
        statements=_statements(declaration, picture, text, modality, anatomy) + findings,
        extra=_extra(declaration, columns),
        flags=list(dict.fromkeys(flags)),
        label_map=declaration.label_map,
        complete=frozenset(picture.complete) - _conditional(declaration, columns),
    )


def _conditional(declaration: Declaration, columns: dict[str, str]) -> set[str]:
    """Labels whose completeness depends on a condition that does not hold here."""
    readers = [a for a in declaration.annotations if not holds(a.complete_where, columns)]
    return {label for reader in readers for label in reader.exhaustive()}


def value_of(value: Value | None, columns: dict[str, str], name: str) -> str | None:
    """The text of a Value. Raises Fault(value_unmapped) on a code that its map lacks."""
    if value is None:
        return None
    text = fill(value.template, columns)
    if text is None or text in value.missing:
        return None
    if value.map is None or text in value.map:
        return text if value.map is None else value.map[text]
    if value.unmapped == "fault":
        raise Fault("value_unmapped", f"{name}: a code that the declaration does not map")
    return text if value.unmapped == "keep" else None


def _modality(declaration: Declaration, picture: Picture, columns: dict[str, str]) -> str:
    says = declaration.modality
    code = RULES[says.rule](picture) if says.rule else value_of(says, columns, "modality")
    if code is None:
        raise Fault("modality_unknown", "neither header nor declaration states one")
    if modalities().get(code) is None:
        raise Fault("modality_unknown", f"{code!r} is not in the vocabulary")
    return code


def _license(declaration: Declaration, columns: dict[str, str]) -> str:
    name = value_of(declaration.license, columns, "license")
    if name is None:
        raise Fault("license_unknown", "the row states no licence")
    if license_fault(name):
        raise Fault("license_unknown", "the row states a licence that is not on the list")
    return name


def _findings(labels: list[Label], columns: dict[str, str]) -> list[Statement]:
    """Image-level findings asserted and denied, in the order of the declaration, each once.

    Raises Fault(table_row_ambiguous) where the columns both assert and deny one finding.
    """
    found: dict[tuple[str, str], Statement] = {}
    for label in labels:
        pointer = f"column {', '.join(holes(label.template))}"
        for says in _assertions(label, columns):
            for name in says.present:
                found[name, "present"] = Statement(
                    "finding", name, polarity="present", origin="annotated", pointer=pointer
                )
            for name in says.absent:
                found[name, "absent"] = Statement(
                    "finding", name, polarity="absent", origin="annotated", pointer=pointer
                )
    if len({name for name, _ in found}) < len(found):
        raise Fault("table_row_ambiguous", "columns both assert and deny a finding")
    return list(found.values())


def _assertions(label: Label, columns: dict[str, str]) -> Iterator[Assertion]:
    """What the codes of one label column say. Raises Fault(value_unmapped)."""
    cell = fill(label.template, columns) or ""
    codes = cell.split(label.separator) if label.separator else [cell]
    for code in map(str.strip, codes):
        if not code or code in label.missing:
            continue
        if code not in label.map and label.unmapped == "fault":
            raise Fault("value_unmapped", "labels: a code that the declaration does not map")
        says = label.map.get(code)
        if says is not None:
            yield says


def _statements(
    declaration: Declaration,
    picture: Picture,
    text: dict[str, str | None],
    modality: str,
    anatomy: str | None,
) -> list[Statement]:
    """Facts of the whole picture; a kind the file itself states is left to the file."""
    known = {s.kind for s in picture.statements}
    says = declaration.columns
    wanted: list[tuple[str, str | None, Value | None]] = [
        ("modality", modality, declaration.modality),
        ("anatomy", anatomy, declaration.anatomy),
        ("view", text["view"], says.view),
        ("image_side", text["side"] if text["side"] in ("left", "right") else None, says.side),
        ("sex", text["sex"], says.sex),
        ("stain", text["stain"], says.stain),
        ("sequence", text["sequence"], says.sequence),
    ]
    made = [
        Statement(kind, value, origin=_origin(source), pointer=_pointer(kind, source))
        for kind, value, source in wanted
        if value is not None and source is not None and kind not in known and value != UNSTATED
    ]
    years = _years(text["age"])
    if years is not None and says.age is not None and "age" not in known:
        pointer = _pointer("age", says.age)
        made.append(
            Statement("age", number=years, unit="a", origin=_origin(says.age), pointer=pointer)
        )
    return made


def _origin(source: Value) -> Origin:
    """Measured by a rule: computed. A constant: declared. A column: observed with the item."""
    if getattr(source, "rule", None):
        return "computed"
    return "declared" if source.constant() is not None else "observed"


def _pointer(kind: str, source: Value) -> str:
    rule = getattr(source, "rule", None)
    if rule:
        return f"rule {rule}"
    named = holes(source.template)
    return f"column {', '.join(named)}" if named else f"declaration {kind}"


def _years(text: str | None) -> float | None:
    try:
        years = float(text) if text is not None else math.nan
    except ValueError:
        raise Fault("value_unmapped", "age: not a number of years") from None
    return years if 0 <= years <= OLDEST else None


def _day(text: str | None) -> int | None:
    if text is None:
        return None
    try:
        return int(float(text))
    except (ValueError, OverflowError):
        raise Fault("value_unmapped", "day: not a whole number") from None


def _model_flags(declaration: Declaration, item: Item) -> list[str]:
    drawn = (a for a in declaration.annotations if a.by == "model" and a.concerns(item.columns))
    return ["annotations drawn by a model"] if any(drawn) else []


def unmapped_columns(declaration: Declaration, columns: dict[str, str]) -> list[str]:
    """Columns with a text that the declaration neither names nor drops, sorted."""
    gone = {*BUILT_IN, "modality", *HASHED_ONLY, *declaration.drop, *declaration.named_columns}
    return [k for k in sorted(columns) if k not in gone and columns[k] != ""]


def _extra(declaration: Declaration, columns: dict[str, str]) -> dict[str, str]:
    return {k: columns[k] for k in unmapped_columns(declaration, columns)}
