"""medgrain demo."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from pipelines.commands.build import Engine, Workers
from pipelines.commands.output import JsonFlag

if TYPE_CHECKING:
    from pipelines.build import Order


def demo(
    out: Annotated[Path, typer.Option(help="Where to build.")] = Path("out/demo"),
    engine: Engine = "inline",
    workers: Workers = 0,
    json: JsonFlag = False,
) -> None:
    """Build a small corpus, offline, from phantoms with exact truth and files inside installed packages.

    Example: medgrain demo --out out/demo
    """
    from pipelines.commands.build import run_order

    def order() -> "Order":
        from pipelines.demo.order import SLIDE, demo_order, slides_readable

        if not slides_readable():
            typer.echo(
                f"{SLIDE} is left out: OpenSlide is not installed (pip install 'medgrain[slides]')",
                err=True,
            )
        return demo_order(out)

    run_order(order, engine=engine, workers=workers, json=json, quiet=False)
