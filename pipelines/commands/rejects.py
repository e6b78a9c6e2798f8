"""medgrain rejects."""

from collections import Counter
from typing import Annotated

import typer

from pipelines.commands.output import JsonFlag, print_json, print_table
from pipelines.commands.verify import Out


def rejects(
    out: Out,
    reason: Annotated[str | None, typer.Option(help="Only this reason.")] = None,
    source: Annotated[str | None, typer.Option(help="Only this source.")] = None,
    rows: Annotated[bool, typer.Option("--rows", help="Every row, not the counts.")] = False,
    json: JsonFlag = False,
) -> None:
    """What did not make it, by phase, gate and reason, with the meaning of each reason.

    Example: medgrain rejects out/demo --reason duplicate_pixels --rows
    """
    from pipelines.summary import read_rejects
    from schemas.reasons import REASONS

    found = [
        row
        for row in read_rejects(out)
        if reason in (None, row["reason"]) and source in (None, row["source"])
    ]
    if rows:
        if json:
            print_json(found)
        else:
            columns = ["source", "item", "phase", "scope", "reason", "detail"]
            print_table(columns, [[row[c] for c in columns] for row in found])
        return
    counted = Counter((r["phase"], r["scope"], r["gate"], r["reason"], r["source"]) for r in found)
    table = [[*key, count, REASONS[key[3]]] for key, count in sorted(counted.items())]
    columns = ["phase", "scope", "gate", "reason", "source", "count", "meaning"]
    if json:
        print_json([dict(zip(columns, line, strict=True)) for line in table])
    else:
        print_table(columns, table)
