"""medgrain build."""

import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from pipelines.commands.output import JsonFlag, print_json

if TYPE_CHECKING:  # heavy imports wait until a command runs
    from collections.abc import Callable

    from pipelines.build import Order
    from pipelines.summary import BuildSummary

Engine = Annotated[str, typer.Option(help="inline, ray or beam.")]
Workers = Annotated[int, typer.Option(help="Worker processes; 0 means one a core.")]
DataRoot = Annotated[Path | None, typer.Option(help="Folder of all sources; wins over the recipe.")]


def build(
    recipe: Annotated[Path, typer.Argument(help="The recipe, a YAML file.")],
    out: Annotated[Path, typer.Option(help="Where to build.")],
    engine: Engine = "inline",
    workers: Workers = 0,
    data_root: DataRoot = None,
    json: JsonFlag = False,
    quiet: Annotated[bool, typer.Option("--quiet", help="No progress on stderr.")] = False,
) -> None:
    """Build a corpus; run it again after a crash and it goes on where it stopped.

    Exit 4 when more items failed than the recipe allows.

    Example: medgrain build pipelines/recipes/samples.yaml --out out/samples --workers 2
    """

    def order() -> "Order":
        from pipelines.build import Order
        from pipelines.recipe import load_recipe

        return Order(load_recipe(recipe), recipe.resolve().parent, out, data_root)

    run_order(order, engine=engine, workers=workers, json=json, quiet=quiet)


def run_order(
    order_of: "Callable[[], Order]", *, engine: str, workers: int, json: bool, quiet: bool
) -> None:
    """Build, print the summary, and exit 4 where too much failed.

    The engine comes first: its processes start while this one imports and reads the recipe.
    """
    from pipelines.engines.choose import engine_of

    chosen = engine_of(engine, workers or os.cpu_count() or 1)
    try:
        from pipelines.build import build as run_build
        from pipelines.progress import Progress

        order = order_of()
        summary = run_build(order, chosen, Progress(order.out, quiet=quiet))
    finally:
        chosen.close()
    allowed = order.recipe.allowed_failed_share
    partial = summary.failed_share() > allowed
    if json:
        print_json(summary.counts() | {"partial": partial})
    else:
        print_summary(summary, order.out)
    if partial:
        typer.echo(
            f"partial: {summary.items_failed} of {summary.items} items failed "
            f"({summary.failed_share():.1%}; the recipe allows {allowed:.1%}); see `medgrain rejects {order.out}`",
            err=True,
        )
        raise typer.Exit(4)


def print_summary(summary: "BuildSummary", out: Path) -> None:
    """A dozen lines: what went in, what came out, why the rest did not, and where to look."""
    for name in ("items", "images", "regions", "sentences", "questions"):
        typer.echo(f"{name:<10} {getattr(summary, name):>8}")
    if summary.asked or summary.cached:
        typer.echo(f"{'dialogues':<10} {summary.conversations:>8}")
        typer.echo(
            f"{'requests':<10} {summary.asked + summary.cached:>8}, {summary.cached} of them answered from the store"
        )
    typer.echo(f"{'rejects':<10} {sum(summary.rejects.values()):>8}")
    for reason, count in summary.rejects.items():
        typer.echo(f"  {reason:<28} {count:>6}")
    typer.echo(f"\ncorpus     {out / 'corpus'}")
    typer.echo(f"report     {out / 'corpus' / 'report' / 'index.html'}")
    typer.echo(f"rejects    medgrain rejects {out}")
