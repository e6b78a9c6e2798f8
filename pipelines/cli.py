"""The command `medgrain`: it parses and prints; the work is one import away."""

import importlib.metadata
import os
import sys

os.environ.setdefault("HF_HUB_OFFLINE", "1")  # a build fetches nothing
os.environ.setdefault("HF_DATASETS_DISABLE_TELEMETRY", "1")

import typer

from pipelines.commands import (
    build,
    demo,
    doctor,
    experts,
    export,
    knowledge,
    ledger,
    plan,
    probe,
    rejects,
    report,
    schema,
    sources,
    trace,
    verify,
)
from pipelines.errors import MedgrainError
from schemas.declaration import DeclarationError

app = typer.Typer(
    name="medgrain",
    help="Public medical imaging datasets in, a checked and traceable image-text corpus out.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
)

for command in (
    demo.demo, build.build, plan.plan, verify.verify, trace.trace, rejects.rejects, report.report,
    schema.schema, probe.probe, ledger.ledger, doctor.doctor,
    export.export,
):  # fmt: skip
    app.command()(command)
app.add_typer(sources.app, name="sources")
app.add_typer(knowledge.app, name="knowledge")
app.add_typer(experts.app, name="experts")


@app.command()
def version() -> None:
    """Print the version.

    Example: medgrain version
    """
    typer.echo(importlib.metadata.version("medgrain"))


def main() -> None:
    """Run the command line. Exit: 0 done, 1 error, 2 wrong usage, 3 a gate failed, 4 partial."""
    try:
        app()
    except MedgrainError as error:
        typer.echo(f"medgrain: {error}", err=True)
        sys.exit(error.exit_code)
    except DeclarationError as error:
        typer.echo(f"medgrain: {error}", err=True)
        sys.exit(2)


if __name__ == "__main__":
    main()
