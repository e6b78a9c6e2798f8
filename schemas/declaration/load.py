"""From a YAML file to a Declaration, or to the list of everything that is wrong with it."""

from pathlib import Path
from typing import Any

from pydantic import BaseModel, ValidationError

from schemas.declaration.annotations import READERS, Annotations
from schemas.declaration.errors import DeclarationError, breadcrumb, closest, explain
from schemas.declaration.images import Columns, ImageSet, Table
from schemas.declaration.safe_yaml import read_yaml
from schemas.declaration.slides import Slides
from schemas.declaration.source import Declaration, Display, Rule
from schemas.declaration.value import Assertion, Label, Modality, Value


def load_declaration(path: Path) -> Declaration:
    """Read one declaration. Raises DeclarationError with every fault, each with place and cure.

    `values` and `labels` of an annotation may be the path of a YAML file beside the declaration
    (a shared label list); the file holds a mapping `values:` or `labels:`.
    """
    try:
        raw = read_yaml(path)
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else str(error)
        raise DeclarationError([f"{breadcrumb(path.name, [])} {reason}"]) from None
    if not isinstance(raw, dict):
        raise DeclarationError(
            [f"{breadcrumb(path.name, [])} is not a mapping; start with `name:`"]
        )
    faults = _shared_lists(raw, path) + _table_names(raw, path.name) + _one_meaning(raw, path.name)
    try:
        declaration = Declaration.model_validate(raw)
    except ValidationError as error:
        raise DeclarationError(explain(path.name, error, _known_keys()) + faults) from None
    if faults:
        raise DeclarationError(faults)
    return declaration


def _listed(raw: dict[str, Any], part: str) -> list[tuple[int, dict[str, Any]]]:
    """The mappings of a list of the file, numbered, whatever else is wrong with it."""
    found = raw.get(part)
    return [
        (i, a)
        for i, a in enumerate(found if isinstance(found, list) else [])
        if isinstance(a, dict)
    ]


def _shared_lists(raw: dict[str, Any], path: Path) -> list[str]:
    """Put the content of shared label lists in place of their file names; the faults of doing so."""
    faults = []
    for n, annotation in _listed(raw, "annotations"):
        for key in ("values", "labels"):
            if not isinstance(annotation.get(key), str):
                continue
            place = breadcrumb(path.name, ["annotations", n, key])
            name = annotation.pop(key)
            if name.startswith("/") or ".." in name.split("/"):
                faults.append(f"{place} {name!r} leads away; put the list beside the declaration")
                continue
            try:
                content = read_yaml(path.parent / name)
            except (OSError, ValueError) as error:
                text = error.strerror if isinstance(error, OSError) else str(error)
                faults.append(f"{place} {name!r}: {text}")
                continue
            if not isinstance(content, dict) or not isinstance(content.get(key), dict):
                faults.append(f"{place} {name!r} holds no mapping `{key}:`; add it")
                continue
            annotation[key] = content[key]
    return faults


def _table_names(raw: dict[str, Any], file: str) -> list[str]:
    """Faults of every place that names a table which is not declared."""
    tables = raw["tables"] if isinstance(raw.get("tables"), dict) else {}
    named = [("images", i, s.get("table"), "") for i, s in _listed(raw, "images")]
    named += [("annotations", i, a.get("table"), "many") for i, a in _listed(raw, "annotations")]
    faults = []
    for part, number, table, rows in named:
        if not isinstance(table, str):
            continue
        place = breadcrumb(file, [part, number, "table"])
        if table not in tables:
            known = ", ".join(tables) or "none is"
            faults.append(
                f"{place} table {table!r} is not declared{closest(table, tables)} "
                f"Declare it under `tables:` ({known} there)"
            )
        elif rows and isinstance(tables[table], dict) and tables[table].get("rows") != rows:
            faults.append(f"{place} reads rows of {table!r}; give that table `rows: {rows}`")
    return faults


def _one_meaning(raw: dict[str, Any], file: str) -> list[str]:
    """Faults of labels that two readers map to different findings."""
    meaning: dict[str, tuple[int, str]] = {}
    faults = []
    for n, annotation in _listed(raw, "annotations"):
        labels = annotation.get("labels")
        for label, term in (labels if isinstance(labels, dict) else {}).items():
            first, other = meaning.setdefault(label, (n, term))
            if other != term:
                faults.append(
                    f"{breadcrumb(file, ['annotations', n, 'labels'])} {label!r} is {term!r} here and "
                    f"{other!r} in annotations[{first}]; map it to one finding"
                )
    return faults


def _known_keys() -> dict[tuple[str, ...], list[str]]:
    """The keys of each place of a declaration, for hints at a mistyped one."""
    places: dict[tuple[str, ...], type[BaseModel]] = {
        (): Declaration, ("images",): ImageSet, ("columns",): Columns, ("rules",): Rule,
        ("display",): Display, ("slide",): Slides, ("columns", "labels"): Label, ("modality",): Modality,
    }  # fmt: skip
    known = {place: _keys(model) for place, model in places.items()}
    known |= {("annotations", name): _keys(model) for name, model in READERS.items()}
    known[("annotations", "reader")] = list(READERS)
    return known


def _keys(model: type[BaseModel]) -> list[str]:
    return [field.alias or name for name, field in model.model_fields.items()]


def described() -> list[tuple[str, type[BaseModel]]]:
    """Every part of a declaration with its model, in the order the documentation tells them."""
    parts: list[tuple[str, type[BaseModel]]] = [
        ("the file", Declaration), ("images", ImageSet), ("tables", Table), ("columns", Columns),
        ("a value", Value), ("modality", Modality), ("labels of columns", Label),
        ("what a code says", Assertion), ("rules", Rule), ("slide", Slides),
        ("display", Display),
        ("every annotation", Annotations),
    ]  # fmt: skip
    return parts + [(f"reader: {name}", model) for name, model in READERS.items()]
