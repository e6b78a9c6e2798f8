"""Tables of a source: csv, tsv and list files, everything as text."""

import csv
from dataclasses import dataclass, field
from pathlib import Path

from schemas.declaration.images import Table
from schemas.declaration.value import fill, holes
from schemas.reject import Fault
from transforms.layouts.paths import Tree, confine

csv.field_size_limit(16_000_000)  # an RLE or a report may stand in one cell


@dataclass
class Rows:
    """A table read: its rows by key, in file order, and what was wrong with it."""

    table: Table
    by_key: dict[str, list[dict[str, str]]] = field(default_factory=dict)
    faults: list[tuple[str, Fault]] = field(default_factory=list)
    used: set[str] = field(default_factory=set)

    def of(self, columns: dict[str, str]) -> list[dict[str, str]]:
        """The rows that belong to an item with these columns."""
        key = fill(self.table.match, columns)
        if key is None:
            return []
        self.used.add(key)
        return self.by_key.get(key, [])


def read_table(table: Table, tree: Tree, name: str) -> Rows:
    """Read every file of a table. Files and rows that cannot be used are faults, named by table."""
    rows = Rows(table)
    for pattern in table.path:
        paths = tree.find([pattern])
        if not paths:
            rows.faults.append((name, Fault("file_absent", f"no file {pattern!r}")))
        for path in paths:
            _read_file(rows, tree.root, path)
    return rows


def _read_file(rows: Rows, root: Path, path: str) -> None:
    table = rows.table
    try:
        text = confine(root, path).read_text(table.encoding)
        lines = list(
            csv.reader(
                text.splitlines(keepends=True),
                delimiter=table.delimiter,
                quotechar=table.quote or None,
                quoting=csv.QUOTE_MINIMAL if table.quote else csv.QUOTE_NONE,
            )
        )
    except Fault as fault:
        rows.faults.append((path, fault))
        return
    except UnicodeError:
        detail = f"not {table.encoding}; declare another `encoding`"
        rows.faults.append((path, Fault("not_this_format", detail)))
        return
    except csv.Error as error:
        rows.faults.append((path, Fault("not_this_format", f"not a table: {error}")))
        return
    header, start = _header(table, lines)
    missing = [c for c in holes(table.key) if c not in header]
    if missing:
        rows.faults.append((path, Fault("not_this_format", f"no column {missing[0]!r}")))
        return
    for number, cells in enumerate(lines[start:], start=start + 1):
        _add(rows, path, number, header, cells)


def _header(table: Table, lines: list[list[str]]) -> tuple[list[str], int]:
    if isinstance(table.header, list):
        return table.header, 0
    if not table.header:
        return [str(n) for n in range(max((len(row) for row in lines), default=0))], 0
    return ([cell.strip() for cell in lines[0]], 1) if lines else ([], 0)


def _add(rows: Rows, path: str, number: int, header: list[str], cells: list[str]) -> None:
    if not any(cell.strip() for cell in cells):
        return
    place = f"{path}:{number}"
    if len(cells) > len(header):
        detail = f"row {number} has {len(cells)} cells under {len(header)} columns"
        rows.faults.append((place, Fault("not_this_format", detail)))
        return
    row = {k: v.strip() for k, v in zip(header, cells, strict=False) if k}
    key = fill(rows.table.key, row)
    if key is None:
        rows.faults.append((place, Fault("not_this_format", f"row {number} has an empty key")))
        return
    rows.by_key.setdefault(key, []).append(row)
