"""medgrain experts list | show | evaluate."""

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from pipelines.commands.output import JsonFlag, print_json, print_table
from pipelines.evaluating.halves import Half

if TYPE_CHECKING:
    from pipelines.evaluating.run import Evaluation

app = typer.Typer(
    no_args_is_help=True,
    help="Models behind one door: generators, and experts that find things in pictures.",
)

Name = Annotated[
    str,
    typer.Argument(help="An expert, as `medgrain experts list` names it, or a model's card file."),
]
Names = Annotated[
    list[str] | None,
    typer.Argument(
        help="Experts by name, or card files (YAML) of models; none: all of them.",
        metavar="[NAME...]",
    ),
]
Cards = Annotated[
    list[Path] | None,
    typer.Option("--experts", help="Card files of models besides; may be given several times."),
]


@app.command("list")
def list_experts(models: Cards = None, json: JsonFlag = False) -> None:
    """Every model that a recipe can name, with what it reads and writes.

    Example: medgrain experts list
    """
    from expert_models.experts.registry import broken, cards
    from expert_models.registry import cards as generator_cards
    from pipelines.commands.expert_names import card_of

    found = [*cards(), *(card_of(str(path)) for path in models or [])]
    if json:
        experts = [asdict(card) for card in found]
        print_json([asdict(card) for card in generator_cards()] + experts)
    else:
        rows = [
            [c.name, c.revision, c.kind, c.reads, c.writes, c.license, c.needs]
            for c in generator_cards()
        ]
        rows += [
            [
                c.name, c.version, f"{c.kind} 3-D" if c.dimensions == 3 else c.kind,
                f"{', '.join(c.modalities)}: {', '.join(c.anatomies) or 'any body part'}",
                ", ".join(c.labels) + (" (candidate)" if c.candidate else ""),
                c.license_code, c.needs,
            ]
            for c in found
        ]  # fmt: skip
        print_table(["name", "version", "kind", "reads", "writes", "license", "needs"], rows)
    for one in broken():
        typer.echo(f"left out: {one}", err=True)


@app.command()
def show(name: Name, json: JsonFlag = False) -> None:
    """The whole card of a model, and what was measured of an expert's present version.

    Example: medgrain experts show fundus-vessels
    """
    from expert_models.registry import cards as generator_cards
    from pipelines.commands.expert_names import card_of
    from pipelines.evaluating.page import interval_text, measured

    others = {card.name: card for card in generator_cards()}
    found = None if name in others else card_of(name)
    card = asdict(found or others[name])
    rows = measured(found) if found else []
    if json:
        print_json(card | {"measured": rows})
        return
    for key, value in card.items():
        typer.echo(f"{key:<16} {_words(value)}")
    for row in rows:
        span = interval_text(row["low"], row["high"])
        typer.echo(
            f"{'measured':<16} {row['source']}, {row['label']}: {row['metric']} {row['value']} "
            f"({span}; {row['images']} images, {row['patients']} patients, {row['half']} half)"
        )


@app.command()
def evaluate(
    names: Names = None,
    data_root: Annotated[
        Path, typer.Option(help="Folder that holds the folders of the declared sources.")
    ] = Path("data"),
    half: Annotated[
        Half, typer.Option(help="report: items no constant was chosen on; tune: the others; all.")
    ] = "report",
    models: Cards = None,
    device: Annotated[str, typer.Option(help="Of models: auto, cpu or cuda.")] = "auto",
    limit: Annotated[int | None, typer.Option(min=1, help="Items of a source, at most.")] = None,
    page: Annotated[
        Path | None, typer.Option(help="Write the tables into this page, between its marks.")
    ] = None,
    save: Annotated[
        Path | None, typer.Option(help="Write the figures as JSON, as `experts show` reads them.")
    ] = None,
    json: JsonFlag = False,
) -> None:
    """Experts against the annotations of every shipped source that has their labels.

    Items (slices of a volume) are halved by the sha256 of their names. Intervals are 95 %, by bootstrap
    over patients, from five patients on. A refused picture counts in no metric, an empty answer as 0.
    Volumes: experts of pictures see at most 40 axial slices, evenly spread; experts of volumes the whole.
    A model's weights are those that its card names.

    Example: medgrain experts evaluate fundus-vessels --data-root data --half report
    """
    from pipelines.commands.expert_names import loaded
    from pipelines.errors import UsageError
    from pipelines.evaluating.page import write_measured, write_page
    from pipelines.evaluating.run import evaluate as run

    if not data_root.is_dir():
        raise UsageError(f"no folder {str(data_root)!r}; give --data-root")
    wanted = [*(names or []), *map(str, models or [])]
    experts = loaded(wanted, device=device, tell=lambda line: typer.echo(line, err=True))
    done = run(
        experts, data_root, half=half, limit=limit, tell=lambda line: typer.echo(line, err=True)
    )
    if json:
        print_json([row.as_json() for row in done.rows])
    else:
        _print_rows(done, half)
    cards = [expert.card for expert in experts]
    if page is not None:
        write_page(page, cards, done.rows, half)
    if save is not None:
        write_measured(save, cards, done.rows)


@app.command()
def pictures(
    names: Names = None,
    data_root: Annotated[
        Path, typer.Option(help="Folder that holds the folders of the declared sources.")
    ] = Path("data"),
    out: Annotated[Path, typer.Option(help="Folder of the montages and their page.")] = Path(
        "docs/experts"
    ),
) -> None:
    """Three good and three bad cases of every expert, as a montage each and a page that credits them.

    Only pictures whose licence lets them be passed on are shown; phantoms take the place of others.

    Example: medgrain experts pictures us-breast-mass --data-root data --out docs/experts
    """
    from pipelines.commands.expert_names import loaded
    from pipelines.errors import UsageError
    from pipelines.evaluating.pictures.page import write_pictures

    if not data_root.is_dir():
        raise UsageError(f"no folder {str(data_root)!r}; give --data-root")

    def tell(line: str) -> None:
        typer.echo(line, err=True)

    write_pictures(loaded(names or [], device="auto", tell=tell), data_root, out, tell)


def _print_rows(done: "Evaluation", half: Half) -> None:
    from pipelines.evaluating.page import interval_text, source_text

    columns = ["expert", "source", "label", "metric", "value", "95 % interval",
               "images", "patients", "refused", "empty"]  # fmt: skip
    print_table(
        columns,
        [
            [r.expert, source_text(r, half), r.label, r.metric, r.value, interval_text(r.low, r.high),
             r.images, r.patients, r.refused, r.empty]
            for r in done.rows
        ],
    )  # fmt: skip
    for (expert, source, reason), count in sorted(done.reasons.items()):
        typer.echo(f"refused: {expert} on {source}: {reason}, {count} pictures", err=True)
    for line in done.skipped:
        typer.echo(f"skipped: {line}", err=True)
    if done.unread:
        typer.echo(f"not read: {done.unread} pictures or items", err=True)


def _words(value: Any) -> str:
    if isinstance(value, dict):
        return "; ".join(f"{key} {_words(one)}" for key, one in value.items()) or "-"
    if isinstance(value, list | tuple):
        return ", ".join(map(str, value)) or "any"
    return "yes" if value is True else "no" if value is False else str(value) or "-"
