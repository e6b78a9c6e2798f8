"""medgrain probe."""

from pathlib import Path
from typing import Annotated

import typer

from pipelines.commands.output import JsonFlag, print_json, print_table

Out = Annotated[
    Path | None,
    typer.Argument(help="The folder a build wrote; without it, images drawn for the purpose."),
]


def probe(
    out: Out = None,
    per_kind: Annotated[int, typer.Option(min=1, help="At most so many errors of a kind.")] = 40,
    seed: Annotated[int, typer.Option(help="Another seed, another draw.")] = 0,
    floor: Annotated[
        float,
        typer.Option(min=0, max=1, help="Exit 3 where a kind's recall interval begins below this."),
    ] = 0.0,
    show: Annotated[int, typer.Option(min=0, help="Print so many missed and refused texts.")] = 0,
    json: JsonFlag = False,
) -> None:
    """Plant known errors in text believed good, and tell how many the gates catch.

    Every planted row has its clean twin as control; paraphrases and sentences in other wording are
    controls only. Intervals are Wilson's, 95 %. Exit 3 when a control is refused, or a kind's recall
    interval begins below --floor.

    Example: medgrain probe out/demo --json
    """
    from quality.probe.run import probe_folder

    try:
        scores = probe_folder(out, seed=seed, per_kind=per_kind)
    except FileNotFoundError as missing:
        typer.echo(f"{missing}; is this the folder of a finished build?", err=True)
        raise typer.Exit(2) from missing
    if json:
        print_json([s.as_json() for s in scores])
    else:
        columns = (
            "kind",
            "planted",
            "caught",
            "recall",
            "controls",
            "refused",
            "false rejects",
            "first gate",
        )
        print_table(columns, [s.as_row() for s in scores])
        for score in scores:
            for text in score.missed[:show]:
                typer.echo(f"missed, {score.kind}: {text}")
            for text in score.refused[:show]:
                typer.echo(f"refused, {score.kind}: {text}")
    if any(s.false_rejects or s.below(floor) for s in scores):
        raise typer.Exit(3)
