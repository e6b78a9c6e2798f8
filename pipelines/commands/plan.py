"""medgrain plan."""

from pathlib import Path
from typing import Annotated, Any

import typer

from pipelines.commands.build import DataRoot
from pipelines.commands.output import JsonFlag, print_json, print_table


def plan(
    recipe: Annotated[Path, typer.Argument(help="The recipe, a YAML file.")],
    data_root: DataRoot = None,
    trial: Annotated[
        Path | None, typer.Option(help="A small build of this recipe to estimate the cost from.")
    ] = None,
    json: JsonFlag = False,
) -> None:
    """Print what a build would do and cost: phases, items, shards, model calls. Reads no pixels.

    Example: medgrain plan pipelines/recipes/samples.yaml
    """
    from pipelines.explain import explain_plan
    from pipelines.recipe import load_recipe

    explained = explain_plan(load_recipe(recipe), recipe.resolve().parent, data_root, trial)
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
    _print_routes(explained)
    total = explained["total"]
    typer.echo(
        f"\n{total['items']} items in {total['shards']} shards, {total['megabytes']} MB to read"
    )
    _print_calls(
        explained["calls"], asked=any("seen by" in p["choices"] for p in explained["phases"])
    )


def _print_routes(explained: dict[str, Any]) -> None:
    """Which expert looks at what; nothing where the recipe asks none."""
    if not explained["routes"]:
        return
    typer.echo()
    print_table(
        ["expert", "looks at", "finds", "missing", "fallback", "sources (?: some rows)"],
        [
            [r["expert"], f"{'/'.join(r['modalities'])} {r['looks_at']}",
             ", ".join(r["finds"]) + (" (candidate)" if r["candidate"] else ""),
             r["missing"], r["fallback"], ", ".join(r["sources"]) or "none of this recipe"]
            for r in explained["routes"]
        ],
    )  # fmt: skip
    for route in explained["routes"]:
        if route["unavailable"]:
            typer.echo(f"expert {route['expert']!r}: {route['unavailable']}", err=True)
            typer.echo(f"until then its fallback {route['fallback']!r} looks alone", err=True)
    if explained["undeclared"]:
        typer.echo(f"as their files say: {', '.join(explained['undeclared'])}")
    if explained["unserved"]:
        typer.echo(f"no expert for: {', '.join(explained['unserved'])}")


def _print_calls(calls: list[dict[str, Any]], *, asked: bool) -> None:
    """The estimate, or why there is none."""
    if not asked:
        typer.echo("cost: no model is asked (generator facts)")
        return
    if not calls:
        typer.echo(
            "cost: unknown; build with a small `limit` and give that folder as --trial, "
            "or state `expect` for each model in the recipe"
        )
        return
    typer.echo()
    print_table(
        ["purpose", "model", "calls", "prompt tok", "answer tok", "hours", "money", "from"],
        [
            [c["purpose"], c["model"], c["calls"], c["prompt_tokens"], c["completion_tokens"],
             c["hours"], f"{c['money']} {c['currency']}", f"{c['sample']} calls" if c["sample"] else "expect"]
            for c in calls
        ],
    )  # fmt: skip
    busy: dict[str, float] = {}  # models work side by side, the stages of one share its calls
    for call in calls:
        busy[call["model"]] = busy.get(call["model"], 0) + call["hours"]
    hours, money = max(busy.values()), sum(c["money"] for c in calls)
    typer.echo(f"\ncost: about {money:.2f} {calls[0]['currency']}, at least {hours:.2f} hours")
