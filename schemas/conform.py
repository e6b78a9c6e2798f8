"""Between typed rows and Arrow tables."""

import dataclasses
from collections.abc import Iterable
from typing import Any, TypeVar

import pyarrow as pa

Row = TypeVar("Row")


ATOMS = frozenset({str, float, int, bool, bytes, type(None)})  # most values are one: asked first


def plain(value: Any) -> Any:
    """Dataclasses to dicts, all the way down; everything else unchanged."""
    if type(value) in ATOMS:
        return value
    if isinstance(value, list):
        return [plain(v) for v in value]
    if isinstance(value, dict):
        return value
    fields = getattr(type(value), "__dataclass_fields__", None)
    if fields is None:
        return value
    return {n: v if type(v := getattr(value, n)) in ATOMS else plain(v) for n in fields}


def to_table(rows: Iterable[Any], schema: pa.Schema) -> pa.Table:
    """Rows (dataclasses or dicts) as a table of exactly `schema`; extra keys are left out."""
    names = schema.names
    plains = [plain(row) for row in rows]
    columns = [[row.get(name) for row in plains] for name in names]
    return pa.Table.from_arrays(
        [pa.array(column, field.type) for column, field in zip(columns, schema, strict=True)],
        schema=schema,
    )


def to_row(kind: type[Row], values: dict[str, Any]) -> Row:
    """A dataclass of `kind` from a dict as Arrow hands it out; unknown keys are left out."""
    names = {f.name for f in dataclasses.fields(kind)}  # type: ignore[arg-type]
    return kind(**{k: v for k, v in values.items() if k in names})
