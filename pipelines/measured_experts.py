"""What experts did in a build, counted from OUT/run: who looked, found, refused, and agreed with sources."""

from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from statistics import fmean, median
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from pipelines.commit import read_record
from pipelines.grounding.shard import DISAGREES
from pipelines.measured_volumes import OF_VOLUMES, compared_on, compared_regions, figures
from pipelines.task import folder_of

LEAST_AGREEMENT = 0.5  # of a recipe without a section `grounding`, whose volumes may have been seen
_MEASURES = {"agreement-dice": "Dice", "agreement-box-iou": "IoU of boxes"}
_NOTHING = "expert_found_nothing"
_DISAGREES = "expert_disagrees"
_COLUMNS = ["id", "regions", "facts", "flags"]

Key = tuple[str, str]  # (source, expert)


@dataclass
class _Books:
    """Images by (source, expert), and origins by source."""

    looked: defaultdict[Key, set[str]] = field(default_factory=lambda: defaultdict(set))
    found: defaultdict[Key, set[str]] = field(default_factory=lambda: defaultdict(set))
    compared: defaultdict[Key, set[str]] = field(default_factory=lambda: defaultdict(set))
    nothing: defaultdict[Key, set[str]] = field(default_factory=lambda: defaultdict(set))
    refused: Counter[tuple[str, str, str]] = field(default_factory=Counter)
    regions: Counter[Key] = field(default_factory=Counter)
    candidates: Counter[Key] = field(default_factory=Counter)
    agreed: defaultdict[tuple[str, str, str], list[float]] = field(
        default_factory=lambda: defaultdict(list)
    )
    origins: defaultdict[str, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))


def measured_experts(
    out: Path, shards: list[str], grounding: dict[str, Any] | None
) -> dict[str, Any]:
    """JSON; {} where no expert left a trace. grounding: that section of the recipe.

    limit      agreement below which an image is flagged
    experts    [{source, expert, looked, compared, found, regions, candidates, nothing, refused}]: images, but
               for regions; nothing and refused of volume experts: items. compared: where the source drew the
               label. looked: those on which the expert left a record; one that found nothing where the source
               says that there is nothing leaves none
    refused    [{source, expert, reason, images}]: of volume experts items
    agreement  [{source, expert, measure, n, median, below}], a figure an image and label; of volume experts, a
               volume and label
    origins    [{source, images, annotated, expert, both, none, flagged}]: what regions images have
    """
    limit = (grounding or {}).get("least_agreement", LEAST_AGREEMENT)
    books = _Books()
    for shard in shards:
        volumes = list(_volumes(out, shard))
        drawn = compared_regions(volumes)
        kept = set()
        for source, row in _grounded(out, shard):
            _count(books, source, row)
            for producer in compared_on(row, drawn):
                for seen in (books.looked, books.compared):
                    seen[source, producer].add(row["id"])
            kept.add(row["id"])
        for volume in volumes:
            if kept & {cut["image_id"] for cut in volume["images"]}:
                for producer, measure, number in figures(volume):
                    books.agreed[volume["source"], producer, measure].append(number)
    _count_rejects(books, out)
    if not books.looked and not books.refused:
        return {}
    return {
        "limit": limit,
        "experts": [_expert(books, key) for key in sorted({*books.looked, *_refusing(books)})],
        "refused": [
            {"source": source, "expert": expert, "reason": reason, "images": n}
            for (source, expert, reason), n in sorted(books.refused.items())
        ],
        "agreement": [
            {"source": source, "expert": expert, "measure": measure, "n": len(said), "median": median(said),
             "below": sum(number < limit for number in said)}
            for (source, expert, measure), said in sorted(books.agreed.items())
        ],
        "origins": [{"source": s} | _origin(n) for s, n in sorted(books.origins.items())],
    }  # fmt: skip


def _grounded(out: Path, shard: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """(source, row of GROUNDED) of every image that was kept."""
    ingest, ground = folder_of(out, "ingest"), folder_of(out, "ground")
    read, done = read_record(ingest, shard), read_record(ground, shard)
    if read is None or done is None:
        return
    table = pq.read_table(ingest / read.file("images"), columns=["id", "source"])
    source_of = dict(zip(table["id"].to_pylist(), table["source"].to_pylist(), strict=True))
    with pq.ParquetFile(ground / done.file("grounded")) as file:
        for batch in file.iter_batches(256, columns=_COLUMNS):
            for row in batch.to_pylist():
                yield source_of[row["id"]], row


def _volumes(out: Path, shard: str) -> Iterator[dict[str, Any]]:
    """What ingest tells of the volumes of a shard that was compared in 3-D."""
    read = read_record(folder_of(out, "ingest"), shard)
    if read is not None:
        path = folder_of(out, "ingest") / read.file("volumes")
        rows = pq.read_table(path, columns=OF_VOLUMES).to_pylist()
        yield from (row for row in rows if row["agreements"])


def _count(books: _Books, source: str, row: dict[str, Any]) -> None:
    by_expert = [r for r in row["regions"] if not r["producer"].startswith("annotation:")]
    for region in by_expert:
        key = source, region["producer"]
        books.regions[key] += 1
        books.candidates[key] += region["candidate"]
        for seen in (books.looked, books.found):
            seen[key].add(row["id"])
    for expert in _guessers(row):
        for seen in (books.looked, books.found):
            seen[source, expert].add(row["id"])
    _count_agreement(books, source, row)
    origins = books.origins[source]
    origins[_whose(len(row["regions"]) - len(by_expert), len(by_expert))] += 1
    origins["flagged"] += DISAGREES in row["flags"]


def _guessers(row: dict[str, Any]) -> set[str]:
    """Classifiers that said something of the image, and experts whose finding was merged into another's."""
    guesses = [f for f in row["facts"] if f["origin"] == "expert_model"]
    said = {f["pointer"] for f in guesses if f["kind"] == "finding"}
    also = {f["value"] for f in guesses if f["kind"] == "support"}
    return said | {name for name in also if name and not name.startswith("annotation:")}


def _count_agreement(books: _Books, source: str, row: dict[str, Any]) -> None:
    """One figure an image, label and expert: the mean over its annotated regions."""
    label_of = {r["id"]: r["label"] for r in row["regions"]}
    said: defaultdict[tuple[str, str, str], list[float]] = defaultdict(list)
    for fact in row["facts"]:
        measure = _MEASURES.get(fact["pointer"].partition("@")[0])
        if fact["kind"] == "agreement" and measure is not None and fact["subject"] in label_of:
            said[fact["value"], measure, label_of[fact["subject"]]].append(fact["number"])
    for (expert, measure, _), numbers in sorted(said.items()):
        for seen in (books.looked, books.compared):
            seen[source, expert].add(row["id"])
        books.agreed[source, expert, measure].append(fmean(numbers))


def _whose(annotated: int, found: int) -> str:
    if annotated and found:
        return "both"
    return "annotated" if annotated else "expert" if found else "none"


def _count_rejects(books: _Books, out: Path) -> None:
    """Rejects name experts without version; the version is that of the regions, where there are any."""
    versions = {(s, e.partition("@")[0]): e for s, e in (*books.regions, *books.looked)}
    for path in sorted(folder_of(out, "rejects").glob("*.parquet")):
        table = pq.read_table(path, columns=["id", "source", "gate", "reason", "scope"])
        for row in table.filter(_of_experts(table)).to_pylist():
            source, name = row["source"], row["gate"]
            expert = versions.get((source, name), name)
            if row["reason"] == _DISAGREES:
                if row["id"].startswith("vol-"):  # of a volume: its slices are counted
                    continue
                books.looked[source, expert].add(row["id"])
            elif row["reason"] == _NOTHING:
                books.looked[source, expert].add(row["id"])
                books.nothing[source, expert].add(row["id"])
            else:
                books.refused[source, expert, row["reason"]] += 1


def _of_experts(table: pa.Table) -> pa.ChunkedArray:
    return pc.equal(table["scope"], "expert")


def _refusing(books: _Books) -> set[Key]:
    return {(source, expert) for source, expert, _ in books.refused}


def _expert(books: _Books, key: Key) -> dict[str, Any]:
    source, expert = key
    refused = sum(n for (s, e, _), n in books.refused.items() if (s, e) == key)
    return {
        "source": source, "expert": expert, "looked": len(books.looked.get(key, ())),
        "compared": len(books.compared.get(key, ())),
        "found": len(books.found.get(key, ())), "regions": books.regions[key],
        "candidates": books.candidates[key], "nothing": len(books.nothing.get(key, ())), "refused": refused,
    }  # fmt: skip


def _origin(counts: Counter[str]) -> dict[str, int]:
    kinds = ("annotated", "expert", "both", "none")
    return {"images": sum(counts[k] for k in kinds)} | {k: counts[k] for k in (*kinds, "flagged")}
