"""The released columns as tables, for the card and for docs/contract.md."""

from collections.abc import Iterator
from dataclasses import dataclass

import pyarrow as pa

from schemas.corpus import CONFIGS, CONTRACT_VERSION
from transforms.card.meanings import MEANINGS, row_type


@dataclass(frozen=True)
class Column:
    """One line of the contract; nested columns are named `regions[].box`."""

    name: str
    kind: str
    nullable: bool
    meaning: str


def columns_of(config: str) -> list[Column]:
    """Every column of a released config, in order, without the nested ones."""
    return [_column(config, f) for f in CONFIGS[config]]


def nested_columns() -> Iterator[tuple[str, list[Column]]]:
    """The columns of each nested row type, in the order of first appearance."""
    seen = set()
    for config, field in ((c, f) for c, schema in CONFIGS.items() for f in schema):
        kind = row_type(config, field.name)
        if kind is not None and kind not in seen:
            seen.add(kind)
            yield kind, list(_walk(kind, _struct(field.type)))


def _walk(kind: str, struct: pa.StructType, prefix: str = "") -> Iterator[Column]:
    for field in struct:
        column = _column(kind, field)
        yield Column(prefix + column.name, column.kind, column.nullable, column.meaning)
        if pa.types.is_struct(field.type):
            yield from _walk(kind, field.type, f"{prefix}{field.name}.")


def _column(kind: str, field: pa.Field) -> Column:
    for owner in (kind, *(("images", "triplets") if kind in CONFIGS else ())):
        if field.name in MEANINGS.get(owner, {}):
            return Column(
                field.name, type_name(field.type), field.nullable, MEANINGS[owner][field.name]
            )
    raise ValueError(f"column {kind}.{field.name} has no meaning; add it to MEANINGS")


def _struct(kind: pa.DataType) -> pa.StructType:
    return kind.value_type if pa.types.is_list(kind) else kind


def type_name(kind: pa.DataType) -> str:
    """A type as people write it: string, list of double, image, struct."""
    if pa.types.is_list(kind):
        return f"list of {type_name(kind.value_type)}"
    if pa.types.is_struct(kind):
        return "image" if {f.name for f in kind} == {"bytes", "path"} else "struct"
    return str(kind)


def contract_page() -> str:
    """docs/contract.md: the released columns. A test fails when the file differs from this."""
    lines = [
        f"# The released columns (contract v{CONTRACT_VERSION})",
        "",
        "Made from the Arrow schemas in `schemas/`; do not edit by hand"
        " (`python -m transforms.card.columns > docs/contract.md`).",
        "A cell is never an empty stand-in: what is unknown is null where null is allowed.",
    ]
    for config in CONFIGS:
        lines += ["", f"## {config}", "", *columns_table(config)]
    lines += ["", "## Nested rows"]
    for kind, columns in nested_columns():
        lines += ["", f"### {kind}", "", *table_of(columns)]
    return "\n".join(lines) + "\n"


def columns_table(config: str) -> list[str]:
    """The columns of a config as markdown; `triplets` tells only what it adds to `images`."""
    columns = columns_of(config)
    if config != "triplets":
        return table_of(columns)
    shared = {c.name for c in columns_of("images")}
    added = [c for c in columns if c.name not in shared]
    return ["Every column of `images`, and:", "", *table_of(added)]


def table_of(columns: list[Column]) -> list[str]:
    """A markdown table of columns."""
    head = ["| column | type | null | meaning |", "|---|---|---|---|"]
    return head + [
        f"| `{c.name}` | {c.kind} | {'yes' if c.nullable else ''} | {c.meaning} |" for c in columns
    ]


if __name__ == "__main__":
    print(contract_page(), end="")
