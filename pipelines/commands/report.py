"""medgrain report."""

import typer

from pipelines.commands.verify import Out


def report(out: Out) -> None:
    """Write the quality report again from the corpus and its rejects, and say where it is.

    The page is part of the corpus: its entry in the manifest is renewed.

    Example: medgrain report out/demo
    """
    from pipelines.finish import renew_report

    typer.echo(renew_report(out))
