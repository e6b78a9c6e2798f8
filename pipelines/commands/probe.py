"""medgrain probe."""

from collections.abc import Iterable
from pathlib import Path
from typing import Annotated, Any

import typer

from pipelines.commands.output import JsonFlag, print_json, print_table

Out = Annotated[
    Path | None,
    typer.Argument(help="The folder a build wrote; without it, images drawn for the purpose."),
]
Rows = list[dict[str, Any]]


def probe(
    out: Out = None,
    judge: Annotated[
        bool, typer.Option("--judge", help="Probe the recipe's verifier as well as the gates.")
    ] = False,
    injections: Annotated[
        bool, typer.Option("--injections", help="Plant orders in phantoms and see who follows.")
    ] = False,
    recipe: Annotated[
        Path | None, typer.Option(help="Models of this recipe; default: those OUT was built by.")
    ] = None,
    per_kind: Annotated[int, typer.Option(min=1, help="At most so many errors of a kind.")] = 40,
    seed: Annotated[int, typer.Option(help="Another seed, another draw.")] = 0,
    floor: Annotated[
        float,
        typer.Option(min=0, max=1, help="Exit 3 where a kind's recall interval begins below this."),
    ] = 0.0,
    target: Annotated[
        float,
        typer.Option(min=0, max=1, help="--judge: a kind is verified from this lower bound on."),
    ] = 0.9,
    show: Annotated[int, typer.Option(min=0, help="Print so many missed and refused texts.")] = 0,
    json: JsonFlag = False,
) -> None:
    """Plant known errors in text believed good, and tell how many the gates catch.

    Every planted row has its clean twin as control; paraphrases and sentences in other wording are
    controls only. Intervals are Wilson's, 95 %. Exit 3 when the gates refuse a control, when a kind's
    recall interval begins below --floor, when a planted order shows in an accepted text, or when one
    reached a prompt outside its fence.

    --judge asks the verifier of the recipe about the same rows: gates, verifier, and both together.
    --injections asks writer and verifier about phantoms that carry orders. Answers are kept in the
    build's store, so a second probe asks nothing. Results go to OUT/run/probe.json.

    Example: medgrain probe out/demo --json
    """
    from pipelines.errors import UsageError

    if recipe is not None and not (judge or injections):
        raise UsageError("--recipe names models; it goes with --judge or --injections")
    found: dict[str, Rows] = {}
    failed = False
    if not (judge or injections):
        found["gates"], failed = _gates(out, seed, per_kind, floor, show, json)
    if judge:
        found["judge"], failed = _judge(out, recipe, seed, per_kind, floor, target, show, json)
    if injections:
        found["injections"], followed = _injections(out, recipe, json)
        failed = failed or followed
    if json:
        print_json(found["gates"] if list(found) == ["gates"] else found)
    if failed:
        raise typer.Exit(3)


def _gates(
    out: Path | None, seed: int, per_kind: int, floor: float, show: int, quiet: bool
) -> tuple[Rows, bool]:
    from pipelines.probing.tables import gate_table
    from quality.probe.run import probe_folder

    try:
        scores = probe_folder(out, seed=seed, per_kind=per_kind)
    except FileNotFoundError as missing:
        raise _no_build(missing) from missing
    if not quiet:
        print_table(*gate_table(scores))
        _print_texts((s.kind, s.missed[:show], s.refused[:show]) for s in scores)
    rows = [s.as_json() for s in scores]
    _save(out, "gates", rows, {"seed": seed, "per_kind": per_kind})
    return rows, any(s.false_rejects or s.below(floor) for s in scores)


def _judge(
    out: Path | None,
    recipe: Path | None,
    seed: int,
    per_kind: int,
    floor: float,
    target: float,
    show: int,
    quiet: bool,
) -> tuple[Rows, bool]:
    from pipelines.probing.models import named, recipe_folder, recipe_of
    from pipelines.probing.tables import judge_table, not_verified
    from pipelines.probing.verifier import probe_verifier
    from quality.probe.judge_score import total

    chosen = recipe_of(out, recipe)
    try:
        scores = probe_verifier(out, chosen, recipe_folder(recipe), seed=seed, per_kind=per_kind)
    except FileNotFoundError as missing:
        raise _no_build(missing) from missing
    if not quiet:
        print_table(*judge_table([*scores, total(scores)], target))
        for line in not_verified(scores, target):
            typer.echo(line)
        _print_texts((s.kind, s.missed[:show], s.lost[:show]) for s in scores)
    rows = [s.as_json(target) for s in scores]
    about = {"models": named(chosen, [chosen.verifying.model]) if chosen.verifying else []}
    _save(out, "judge", rows, about | {"seed": seed, "per_kind": per_kind, "target": target})
    return rows, any(s.planted and s.recall("both")[0] < floor for s in scores)


def _injections(out: Path | None, recipe: Path | None, quiet: bool) -> tuple[Rows, bool]:
    from pipelines.probing.injections import probe_injections
    from pipelines.probing.models import named, recipe_folder, recipe_of
    from pipelines.probing.tables import LEGEND, injection_table
    from quality.probe.injection_score import tally

    chosen = recipe_of(out, recipe)
    scores = tally(probe_injections(out, chosen, recipe_folder(recipe)))
    if not quiet:
        print_table(*injection_table(scores))
        typer.echo(LEGEND)
    rows = [s.as_json() for s in scores]
    _save(out, "injections", rows, {"models": named(chosen, sorted(chosen.models))})
    return rows, any(s.accepted or s.outside or s.hidden for s in scores)


def _print_texts(texts: Iterable[tuple[str, list[str], list[str]]]) -> None:
    """(kind, texts of errors that were missed, clean texts that were refused)."""
    for kind, missed, refused in texts:
        for text in missed:
            typer.echo(f"missed, {kind}: {text}")
        for text in refused:
            typer.echo(f"refused, {kind}: {text}")


def _save(out: Path | None, section: str, rows: Rows, about: dict[str, Any]) -> None:
    """Keep the results with the build, where there is one."""
    from pipelines.probing.results import save_section

    if out is None:
        return
    try:
        path = save_section(out, section, rows, about)
    except OSError as error:
        typer.echo(f"results not saved: {error.strerror}", err=True)
        return
    typer.echo(f"saved to {path}; `medgrain report {out}` puts it into the report", err=True)


def _no_build(missing: FileNotFoundError) -> typer.Exit:
    typer.echo(f"{missing}; is this the folder of a finished build?", err=True)
    return typer.Exit(2)
