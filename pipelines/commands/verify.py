"""medgrain verify."""

from pathlib import Path
from typing import Annotated

import typer

from pipelines.commands.output import JsonFlag, print_json

Out = Annotated[Path, typer.Argument(help="The folder a build wrote.")]


def verify(out: Out, json: JsonFlag = False) -> None:
    """Recompute the promises of a build from its files: digests, ids, counts, splits, boxes, pixels.

    Exit 3 when one is broken; each line names the file or row.

    Example: medgrain verify out/demo
    """
    from pipelines.check_release import check_release

    problems = check_release(out)
    if json:
        print_json({"ok": not problems, "problems": [list(p) for p in problems]})
    else:
        for place, what in problems:
            typer.echo(f"{place}: {what}")
        typer.echo(f"{len(problems)} problem(s)" if problems else "every promise holds")
    if problems:
        raise typer.Exit(3)
