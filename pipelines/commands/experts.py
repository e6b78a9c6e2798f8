"""medgrain experts."""

from dataclasses import asdict

import typer

from pipelines.commands.output import JsonFlag, print_json, print_table

app = typer.Typer(
    no_args_is_help=True, help="Models behind one door: generators now, segmenters to come."
)


@app.callback()
def _group() -> None:
    """Keeps `list` a sub-command while it is the only one."""


@app.command("list")
def list_experts(json: JsonFlag = False) -> None:
    """Every model that a recipe can name, with what it reads and writes.

    Example: medgrain experts list
    """
    from expert_models.registry import cards

    rows = [asdict(card) for card in cards()]
    if json:
        print_json(rows)
    else:
        columns = list(rows[0])
        print_table(columns, [[row[c] for c in columns] for row in rows])
