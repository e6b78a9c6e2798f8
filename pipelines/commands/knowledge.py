"""medgrain knowledge: build an index of passages, search it, measure it."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any

import typer

from pipelines.commands.output import JsonFlag, print_json, print_table
from pipelines.errors import MedgrainError, UsageError
from transforms.knowledge.errors import IndexRefused, NotBeir

app = typer.Typer(
    no_args_is_help=True, help="Passages that descriptions may cite, and their index."
)

Folder = Annotated[Path, typer.Argument(help="Folder made by `medgrain knowledge build`.")]


@app.command("build")
def build_index(
    out: Annotated[Path, typer.Option(help="Folder of the index; an index there is replaced.")],
    source: Annotated[
        list[Path] | None,
        typer.Option(help="Declaration of a passage source; again for more. Default: all shipped."),
    ] = None,
    data_root: Annotated[Path, typer.Option(help="Folder that all paths start from.")] = Path(),
    json: JsonFlag = False,
) -> None:
    """Read the declared passage sources and index them.

    Bad files and rows are left out, counted, and listed with reasons in rejects.parquet of the
    folder. Exit 4 when a source gave no passage at all.

    Example: medgrain knowledge build --out out/knowledge --data-root ../shared/data
    """
    with _explained():
        from pipelines.knowledge import sources as shipped
        from transforms.knowledge.build import gather
        from transforms.knowledge.declaration import load_source
        from transforms.knowledge.index import Index
        from transforms.knowledge.store import load_shelf, save

        harvest = gather([load_source(path) for path in source or shipped()], data_root)
        _progress(f"{len(harvest.entries)} passages read; indexing")
        if not harvest.entries:
            raise UsageError("no passage was read; does --data-root hold the sources?")
        index = Index.build(harvest.entries)
        manifest = save(index, out, sources=harvest.sources, rejects=harvest.rejects)
        defined = len(load_shelf(out).by_finding)
    if json:
        print_json(manifest | {"findings_defined": defined})
    else:
        columns = ("name", "kept", "duplicates", "rejected", "licenses")
        print_table(columns, [[_cell(row[c]) for c in columns] for row in harvest.sources])
        typer.echo(f"{manifest['passages']} passages; {defined} findings have a definition: {out}")
    silent = [row["name"] for row in harvest.sources if not row["kept"] + row["duplicates"]]
    if silent:
        _progress(f"partial: no passage from {', '.join(silent)}")
        raise typer.Exit(4)


@app.command("search")
def search_index(
    folder: Folder,
    query: Annotated[str, typer.Argument(help="What to look for.")],
    k: Annotated[int, typer.Option("-k", min=1, help="Most passages to show.")] = 5,
    modality: Annotated[str | None, typer.Option(help="Modality of the image, such as CT.")] = None,
    organ: Annotated[str | None, typer.Option(help="Its body part, such as chest.")] = None,
    json: JsonFlag = False,
) -> None:
    """Show the passages that answer a query best; nothing below the floor of the index.

    Example: medgrain knowledge search out/knowledge "pleural effusion" -k 3
    """
    with _explained():
        from transforms.knowledge.store import load
        from transforms.knowledge.topic import Topic

        topic = Topic(modality, organ) if modality or organ else None
        index = load(folder).index
        found = index.search(query, limit=k, topic=topic)
    if json:
        print_json([vars(passage) for passage in found])
        return
    for p in found:
        typer.echo(f"{p.score:.3f}  {p.id}  {p.source}  {p.license}  {p.title}\n       {p.text}\n")
    if not found:
        typer.echo(f"nothing above the floor of {index.floor}")


@app.command("evaluate")
def evaluate_retrieval(
    folder: Annotated[Path, typer.Argument(help="Test set in the BEIR layout.")],
    json: JsonFlag = False,
) -> None:
    """Print MAP, nDCG@10 and recall@100 of BM25 alone, vectors alone and fused.

    The folder holds corpus.jsonl, queries.jsonl and qrels/*.tsv; a grade above 0 is relevant, and
    queries without a relevant document are left out of the means.

    Example: medgrain knowledge evaluate out/liveqa
    """
    with _explained():
        from transforms.knowledge.beir import read_beir
        from transforms.knowledge.evaluate import evaluate

        table = evaluate(read_beir(folder))
    if json:
        print_json(table)
        return
    columns = ("system", "map", "ndcg_at_10", "recall_at_100")
    print_table(columns, [[row[c] for c in columns] for row in table["systems"]])
    gain = table["gain"]
    typer.echo(
        f"{table['queries']} queries over {table['documents']} documents "
        f"({table['queries_without_relevant']} queries have no relevant document)\n"
        f"fused minus plain BM25: MAP {gain['map']:+.3f} "
        f"(95 % interval {gain['low']:+.3f} to {gain['high']:+.3f})\n"
        f"MAP of fused by weight: {_cell(table['map_by_weight'])}"
    )


@app.command("beir")
def convert_to_beir(
    liveqa: Annotated[Path, typer.Argument(help="Folder of the LiveQA-Med judgements.")],
    out: Annotated[Path, typer.Argument(help="Where to write the test set.")],
    pool: Annotated[
        str, typer.Option(help="rows: one document a judgement; answers: one a distinct answer.")
    ] = "rows",
) -> None:
    """Turn the LiveQA-Med 2017 judgements over MedQuAD answers into the BEIR layout.

    Example: medgrain knowledge beir ../shared/data/knowledge/medquad_liveqa_qrels out/liveqa
    """
    if pool not in ("rows", "answers"):
        raise UsageError(f"--pool {pool!r}: choose rows or answers")
    with _explained():
        from transforms.knowledge.liveqa import convert_liveqa

        convert_liveqa(liveqa, out, pool="rows" if pool == "rows" else "answers")
    _progress(f"written: {out}")


@contextmanager
def _explained() -> Iterator[None]:
    """Turn what can go wrong into one line with the next step."""
    try:
        yield
    except ModuleNotFoundError as error:
        raise MedgrainError(
            f"{error.name} is not installed; get it with: pip install 'medgrain[knowledge]'"
        ) from None
    except (IndexRefused, NotBeir, FileExistsError) as error:
        raise MedgrainError(str(error)) from None


def _progress(text: str) -> None:
    typer.echo(text, err=True)


def _cell(value: Any) -> Any:
    if isinstance(value, list):
        return ", ".join(value)
    if isinstance(value, dict):
        return ", ".join(f"{key} {one}" for key, one in value.items())
    return value
