"""The books of a build: for each phase, what came in, what stayed, what was rejected (promise I1)."""

import json
from dataclasses import dataclass
from pathlib import Path

import pyarrow.compute as pc
import pyarrow.parquet as pq

from pipelines.commit import Commit, read_record
from pipelines.task import folder_of


@dataclass(frozen=True)
class Line:
    """One line of the books: `taken` = `kept` + `rejected`, or something was lost."""

    phase: str
    what: str
    taken: int
    kept: int
    rejected: int


def accounts(out: Path) -> list[Line]:
    """The books of the last build, counted from committed tables, not from what phases claimed."""
    shards = json.loads((out / "run" / "build.json").read_text("utf-8"))["shards"]
    kinds = ("sentences", "questions", "conversations")
    described, verified = (_sum(out, phase, shards, kinds) for phase in ("describe", "verify"))
    balanced = _record(out, "balance", "all").counts
    ingested = [_record(out, "ingest", shard) for shard in shards]
    images = sum(_rows(commit, "images") for commit in ingested)
    kept = sum(_rows(_record(out, "ground", shard), "grounded") for shard in shards)
    return [
        Line("ingest", "items", sum(c.counts["items"] for c in ingested),
             sum(_distinct(out, c, "images", "item") for c in ingested),
             sum(_lost_items(out, c) for c in ingested)),
        Line("curate", "images", images, kept, _rows(_record(out, "curate", "all"), "rejects")),
        Line("verify", "sentences", described["sentences"], verified["sentences"],
             _rejected(out, shards, "sentence")),
        Line("verify", "questions", described["questions"], verified["questions"],
             _rejected(out, shards, "question")),
        *_conversations(out, shards, described["conversations"], verified["conversations"]),
        Line("balance", "questions", verified["questions"], balanced["kept"],
             _refused_by_balance(out, "question")),
        *([Line("balance", "conversations", verified["conversations"], balanced["conversations"],
                _refused_by_balance(out, "conversation"))] if verified["conversations"] else []),
    ]  # fmt: skip


def _conversations(out: Path, shards: list[str], taken: int, kept: int) -> list[Line]:
    """A line where conversations were written at all."""
    rejected = _rejected(out, shards, "conversation")
    return [Line("verify", "conversations", taken, kept, rejected)] if taken else []


def _refused_by_balance(out: Path, scope: str) -> int:
    path = folder_of(out, "balance") / _record(out, "balance", "all").file("rejects")
    return pc.sum(pc.equal(pq.read_table(path)["scope"], scope)).as_py() or 0


def _record(out: Path, phase: str, shard: str) -> Commit:
    done = read_record(folder_of(out, phase), shard)
    if done is None:
        raise LookupError(f"{phase} {shard} is not committed; run the build again")
    return done


def _rows(commit: Commit, table: str) -> int:
    path = commit.file(table)
    return next(entry.rows for entry in commit.files if entry.path == path)


def _distinct(out: Path, commit: Commit, table: str, column: str) -> int:
    path = folder_of(out, "ingest") / commit.file(table)
    return len(pc.unique(pq.read_table(path, columns=[column])[column]))


def _lost_items(out: Path, commit: Commit) -> int:
    """Items with a reject and without an image."""
    folder = folder_of(out, "ingest")
    kept = set(pq.read_table(folder / commit.file("images"), columns=["item"])["item"].to_pylist())
    rejected = pq.read_table(folder / commit.file("rejects"), columns=["item"])["item"].to_pylist()
    return len(set(rejected) - kept)


def _sum(out: Path, phase: str, shards: list[str], names: tuple[str, ...]) -> dict[str, int]:
    """Lengths of list columns, added over shards."""
    table = {"describe": "described", "verify": "verified"}[phase]
    total = dict.fromkeys(names, 0)
    for shard in shards:
        path = folder_of(out, phase) / _record(out, phase, shard).file(table)
        columns = pq.read_table(path, columns=list(names))
        for name in names:
            total[name] += pc.sum(pc.list_value_length(columns[name])).as_py() or 0
    return total


def _rejected(out: Path, shards: list[str], scope: str) -> int:
    total = 0
    for shard in shards:
        path = folder_of(out, "verify") / _record(out, "verify", shard).file("rejects")
        total += pc.sum(pc.equal(pq.read_table(path)["scope"], scope)).as_py() or 0
    return total
