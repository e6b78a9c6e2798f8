"""medgrain demo."""

from pathlib import Path
from typing import Annotated

import typer

from pipelines.commands.build import Engine, Workers
from pipelines.commands.output import JsonFlag


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
    from pipelines.demo.order import demo_order

    run_order(demo_order(out), engine=engine, workers=workers, json=json, quiet=False)
