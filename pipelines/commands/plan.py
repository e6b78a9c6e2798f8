"""medgrain plan."""

from pathlib import Path
from typing import Annotated

import typer

from pipelines.commands.build import DataRoot
from pipelines.commands.output import JsonFlag, print_json, print_table


def plan(
    recipe: Annotated[Path, typer.Argument(help="The recipe, a YAML file.")],
    data_root: DataRoot = None,
    json: JsonFlag = False,
) -> None:
    """Print what a build would do: phases with their columns, items and shards. Reads no pixels.

    Example: medgrain plan pipelines/recipes/samples.yaml
    """
    from pipelines.explain import explain_plan
    from pipelines.recipe import load_recipe

    explained = explain_plan(load_recipe(recipe), recipe.resolve().parent, data_root)
    if json:
        print_json(explained)
        return
    print_table(
        ["phase", "reads", "adds", "choices"],
        [[p["phase"], p["reads"], p["adds"], p["choices"]] for p in explained["phases"]],
    )
    typer.echo()
    print_table(
        ["source", "license", "items", "unusable", "shards", "MB"],
        [
            [s["source"], s["license"], s["items"], s["faults"], s["shards"], s["megabytes"]]
            for s in explained["sources"]
        ],
    )
    total = explained["total"]
    typer.echo(
        f"\n{total['items']} items in {total['shards']} shards, {total['megabytes']} MB to read"
    )
    typer.echo("cost: no model is asked (generator facts)")
