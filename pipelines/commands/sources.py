"""medgrain sources list | show | check."""

from pathlib import Path
from typing import Annotated, Any

import typer

from pipelines.commands.output import JsonFlag, print_json, print_table

app = typer.Typer(
    help="Declared sources: list them, show one, check a declaration.", no_args_is_help=True
)

Use = Annotated[
    str, typer.Argument(help="A declaration file (YAML), or the name of a shipped one.")
]
DataRoot = Annotated[
    Path | None,
    typer.Option(help="Folder that holds the source's `folder`: list what is really there, too."),
]


@app.command("list")
def list_(json: JsonFlag = False) -> None:
    """The declarations that come with medgrain.

    Example: medgrain sources list
    """
    from pipelines.catalogue import shipped
    from schemas.declaration import load_declaration

    rows = [_line(load_declaration(path)) for path in shipped().values()]
    if json:
        print_json(rows)
    else:
        print_table(list(rows[0]), [list(row.values()) for row in rows])


def _line(declaration: Any) -> dict[str, Any]:
    return {
        "name": declaration.name,
        "version": declaration.version,
        "modality": _words(declaration.modality),
        "anatomy": _words(declaration.anatomy),
        "license": _words(declaration.license),
        "readers": ", ".join(dict.fromkeys(a.reader for a in declaration.annotations)) or "-",
        "title": declaration.title,
    }


def _words(value: Any) -> str:
    """What a value can become, in one cell."""
    if value is None:
        return "-"
    if getattr(value, "rule", None):
        return f"by rule {value.rule}"
    targets = list(dict.fromkeys(value.targets()))
    if not targets:
        return f"from {value.template}"
    return (
        ", ".join(targets)
        if len(targets) <= 3
        else f"{', '.join(targets[:2])}, ... ({len(targets)})"
    )


@app.command()
def show(source: Use, json: JsonFlag = False) -> None:
    """One declaration: licence, citation, known issues, what is mapped and what is exhaustive.

    Example: medgrain sources show bccd
    """
    from pipelines.catalogue import find_declaration
    from schemas.declaration import load_declaration

    path = find_declaration(source)
    declaration = load_declaration(path)
    if json:
        print_json(declaration.model_dump(mode="json", by_alias=True, exclude_defaults=True))
        return
    for name in ("title", "home", "citation", "folder", "split_of_origin"):
        typer.echo(f"{name:<16} {getattr(declaration, name)}")
    for name in ("license", "modality", "anatomy"):
        typer.echo(f"{name:<16} {_words(getattr(declaration, name))}")
    for issue in declaration.known_issues:
        typer.echo(f"{'known issue':<16} {issue}")
    for annotation in declaration.annotations:
        typer.echo(f"{'annotation':<16} {annotation.reader}, drawn by: {annotation.by}")
        whole = set(annotation.exhaustive())
        for label in annotation.declared():
            term = declaration.label_map.get(label, "not mapped, kept as it is")
            typer.echo(f"{'':<16}   {label} -> {term}{' (exhaustive)' if label in whole else ''}")


@app.command()
def check(
    source: Use,
    data_root: DataRoot = None,
    samples: Annotated[int, typer.Option(min=0, help="How many items to read and show.")] = 3,
    json: JsonFlag = False,
) -> None:
    """Every fault of a declaration at once; with --data-root what it finds, and a few rows.

    Exit: 0 the declaration is good, 1 it finds no item, 2 it has faults.

    Example: medgrain sources check my-dataset.yaml --data-root data
    """
    from pipelines.catalogue import find_declaration
    from schemas.declaration import DeclarationError, load_declaration

    try:
        declaration = load_declaration(find_declaration(source))
    except DeclarationError as error:
        _tell_faults(error.faults, json)
        raise typer.Exit(2) from None
    if data_root is None:
        if json:
            print_json({"name": declaration.name, "faults": []})
        else:
            typer.echo(f"{declaration.name}: no fault. Add --data-root to see what it finds.")
        return
    from transforms.layouts.survey import survey

    found = survey(declaration, data_root / declaration.folder, samples=samples)
    if json:
        print_json({"name": declaration.name, "faults": [], **found.as_json()})
    else:
        _tell(declaration.name, found)
    if not found.items and not found.rejects.keys() & {"not_medical", "augmented_copy"}:
        raise typer.Exit(1)


def _tell_faults(faults: list[str], json: bool) -> None:
    if json:
        print_json({"faults": faults})
        return
    for fault in faults:
        typer.echo(fault, err=True)
    typer.echo(f"{len(faults)} fault(s); every key is told in docs/declare-a-source.md", err=True)


def _tell(name: str, found: Any) -> None:
    kinds = ", ".join(f"{n} {kind}" for kind, n in found.kinds.items()) or "nothing"
    typer.echo(f"{name}: no fault; {found.items} items ({kinds}), {found.megabytes} MB")
    if found.rejects:
        typer.echo("\nnot usable, by reason")
        rows = [[reason, n, found.examples[reason]] for reason, n in found.rejects.items()]
        print_table(["reason", "count", "for example"], rows)
    if found.unknown:
        typer.echo(f"\ncolumns that are named and that no item has: {', '.join(found.unknown)}")
    if found.kept:
        typer.echo(f"\ncolumns that nothing maps, kept in `extra`: {', '.join(found.kept)}")
    for row in found.samples:
        typer.echo("")
        for key, value in row.items():
            if value not in ([], {}):
                typer.echo(f"{key:<12} {_cell(value)}")


def _cell(value: Any) -> str:
    if isinstance(value, dict):
        return "; ".join(f"{n} x {label}" for label, n in value.items())
    return "; ".join(value) if isinstance(value, list) else str(value)
