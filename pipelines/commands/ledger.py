"""medgrain ledger."""

from pathlib import Path
from typing import Annotated

import typer

from pipelines.commands.output import JsonFlag, print_json, print_table


def ledger(
    out: Annotated[Path, typer.Argument(help="The folder of a build.")],
    json: JsonFlag = False,
) -> None:
    """Print what a build asked of models: requests, tokens, seconds and money by stage and model.

    Tokens, seconds and money are of the calls that fetched the answers, in this build or an earlier one;
    `asked` counts the calls of this build.

    Example: medgrain ledger out/mine
    """
    from pipelines.models.ledger import ledger_of

    entries = ledger_of(out)
    if json:
        print_json([entry.as_row() for entry in entries])
        return
    if not entries:
        typer.echo("no model was asked")
        return
    print_table(
        ["stage", "model", "requests", "answers", "asked", "failed", "retries", "prompt tok",
         "answer tok", "seconds", "money"],
        [
            [e.purpose, e.model, e.requests, e.answers, e.asked, e.failed, e.retries,
             e.prompt_tokens, e.completion_tokens, round(e.seconds, 1), f"{e.money:.4f} {e.currency}"]
            for e in entries
        ],
    )  # fmt: skip
