"""The end of a build: books, card, Croissant file, report, and last of all the manifest.

A corpus folder without a manifest is not a corpus yet; readers go by the manifest alone.
"""

import importlib.metadata
import json
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from pipelines.accounts import accounts
from pipelines.catalogue import ResolvedSource
from pipelines.commit import publish_bytes, publish_tables, read_record, sha256_of
from pipelines.measured import measured
from pipelines.recipe import Recipe
from pipelines.task import Task, folder_of
from quality.report.write import write_report
from schemas.reject import REJECT
from transforms.card.croissant import write_croissant
from transforms.card.readme import write_card
from transforms.card.summary import Summary, summarise

MANIFEST = "manifest.jsonl"


def finish(
    out: Path,
    recipe: Recipe,
    sources: list[ResolvedSource],
    shards: list[str],
    released: list[Task],
) -> None:
    """Write all that is not a shard, and the manifest over everything."""
    _keep_books(out, recipe, sources, shards)
    rejects = _merge_rejects(out, shards)
    digests = _prune(out, released)
    summary = _summary(out, rejects, digests)
    corpus = out / "corpus"
    publish_bytes(corpus / "README.md", write_card(summary).encode())
    publish_bytes(corpus / "croissant.json", write_croissant(summary).encode())
    write_report(corpus, rejects, summary, accounts(out), measured(out))
    _write_manifest(corpus, digests)


def renew_report(out: Path) -> Path:
    """Write the report page again and renew its line of the manifest; returns the page."""
    rejects = pa.concat_tables(
        [pq.read_table(p) for p in sorted(folder_of(out, "rejects").glob("*.parquet"))]
    )
    write_report(out / "corpus", rejects, _summary(out, rejects, {}), accounts(out), measured(out))
    _write_manifest(out / "corpus", {})
    return out / "corpus" / "report" / "index.html"


def unpublish(out: Path) -> None:
    """Take the manifest away while files of the corpus change."""
    (out / "corpus" / MANIFEST).unlink(missing_ok=True)


def _keep_books(
    out: Path, recipe: Recipe, sources: list[ResolvedSource], shards: list[str]
) -> None:
    """OUT/run/build.json: what this folder is a build of. No time, no path, no key."""
    books = {
        "name": recipe.name,
        "title": recipe.title or recipe.name,
        "medgrain": importlib.metadata.version("medgrain"),
        "sources": [_about(source) for source in sources],
        "shards": shards,
        "recipe": recipe.model_dump(mode="json", exclude={"key", "data_root"}),
    }
    publish_bytes(out / "run" / "build.json", json.dumps(books, indent=1, sort_keys=True).encode())


def _about(source: ResolvedSource) -> dict[str, Any]:
    """What a card says of a source. A licence that differs by row is told as all that occur."""
    declaration = source.declaration
    about = {
        key: getattr(declaration, key)
        for key in ("name", "version", "title", "home", "citation", "endpoints")
    }
    licenses = sorted(set(declaration.license.targets()))
    return about | {"license": " / ".join(licenses), "known_issues": list(declaration.known_issues)}


def _merge_rejects(out: Path, shards: list[str]) -> pa.Table:
    """OUT/run/rejects/<phase>.parquet, rows in corpus order; returns all of them."""
    merged = []
    folder = folder_of(out, "rejects")
    everything = ["all"]
    for phase, names in (
        ("ingest", shards),
        ("curate", everything),
        ("ground", shards),
        ("describe", shards),
        ("verify", shards),
        ("balance", everything),
    ):
        tables = [REJECT.empty_table()]
        for name in names:
            done = read_record(folder_of(out, phase), name)
            if done is not None:
                tables.append(pq.read_table(folder_of(out, phase) / done.file("rejects")))
        publish_tables(folder / f"{phase}.parquet", REJECT, tables)
        merged += [table.cast(REJECT) for table in tables]
    return pa.concat_tables(merged)


def _prune(out: Path, released: list[Task]) -> dict[str, str]:
    """Remove data files of an earlier recipe: nobody's any more. Returns the digests of the others."""
    kept: dict[str, str] = {}
    for task in released:
        done = read_record(folder_of(out, "release"), task.shard)
        kept |= {entry.path: entry.sha256 for entry in done.files} if done else {}
    for path in sorted((out / "corpus" / "data").rglob("*.parquet")):
        if path.relative_to(out / "corpus").as_posix() not in kept:
            path.unlink()
    names = {task.shard for task in released}
    for record in sorted((folder_of(out, "release") / "commits").glob("*.json")):
        if record.stem not in names:
            record.unlink()
    return kept


def _summary(out: Path, rejects: pa.Table, digests: dict[str, str]) -> Summary:
    books: dict[str, Any] = json.loads((out / "run" / "build.json").read_text("utf-8"))
    return summarise(
        out / "corpus",
        name=books["name"],
        title=books["title"],
        version=books["medgrain"],
        sources=books["sources"],
        rejects=rejects,
        digests=digests,
    )


def _write_manifest(corpus: Path, digests: dict[str, str]) -> None:
    """One line a file, by path; the manifest itself is not in it.

    digests: of files that were hashed when they were committed.
    """
    lines = []
    for path in sorted(p for p in corpus.rglob("*") if p.is_file() and p.name != MANIFEST):
        rows = pq.read_metadata(path).num_rows if path.suffix == ".parquet" else None
        name = path.relative_to(corpus).as_posix()
        entry = {
            "path": name,
            "rows": rows,
            "bytes": path.stat().st_size,
            "sha256": digests.get(name) or sha256_of(path),
        }
        lines.append(json.dumps(entry, sort_keys=True))
    lines.sort(key=lambda line: json.loads(line)["path"])
    publish_bytes(corpus / MANIFEST, ("\n".join(lines) + "\n").encode())
