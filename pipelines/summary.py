"""What a build came to: counts that reconcile, and whether the corpus is whole."""

from collections import Counter
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq

from pipelines.task import Need, Task, folder_of, upstream

REFUSED_ON_PURPOSE = {
    "no_pixels", "not_medical", "augmented_copy", "license_not_allowed", "license_unknown",
    "duplicate_pixels", "quota_full", "options_only_answerable",
}  # fmt: skip
"""Reasons that are choices of a declaration or recipe, not failures of an item."""


@dataclass(frozen=True)
class BuildSummary:
    """Counts over the whole build."""

    items: int
    items_kept: int
    items_failed: int
    images: int
    regions: int
    sentences: int
    questions: int
    conversations: int
    asked: int  # requests that models were asked for the words of this corpus
    cached: int  # requests that the store of answers served
    rejects: dict[str, int]
    reused: int

    def counts(self) -> dict[str, Any]:
        """As plain data."""
        return asdict(self)

    def failed_share(self) -> float:
        """Share of items that failed, of all that were listed."""
        return self.items_failed / self.items if self.items else 0.0


def summarise_build(out: Path, shards: list[str], reused: int) -> BuildSummary:
    """Add up the commits of every shard and the merged rejects."""
    total: Counter[str] = Counter()
    for shard in shards:
        task = Task(str(out), shard, ())
        ingested = upstream(task, Need("ingest", shard)).counts
        total.update({"items": ingested["items"], "items_kept": ingested["items_kept"]})
        total.update(upstream(task, Need("ground", shard)).counts)
        verified = upstream(task, Need("verify", shard)).counts
        total["sentences"] += verified["sentences"]
        for phase in ("describe", "verify"):
            counts = upstream(task, Need(phase, shard)).counts
            total.update({k: counts.get(k, 0) for k in ("asked", "cached")})
    balanced = upstream(Task(str(out), "all", ()), Need("balance", "all")).counts
    total.update({"questions": balanced["kept"], "conversations": balanced["conversations"]})
    rejects = read_rejects(out)
    return BuildSummary(
        items=total["items"],
        items_kept=total["items_kept"],
        items_failed=_failed_items(rejects),
        images=total["images"],
        regions=total["regions"],
        sentences=total["sentences"],
        questions=total["questions"],
        conversations=total["conversations"],
        asked=total["asked"],
        cached=total["cached"],
        rejects=dict(
            sorted(Counter(r["reason"] for r in rejects).items(), key=lambda p: (-p[1], p[0]))
        ),
        reused=reused,
    )


def read_rejects(out: Path) -> list[dict[str, Any]]:
    """Every reject of the last build, all phases."""
    folder = folder_of(out, "rejects")
    return [
        row for path in sorted(folder.glob("*.parquet")) for row in pq.read_table(path).to_pylist()
    ]


def _failed_items(rejects: list[dict[str, Any]]) -> int:
    failed = {
        (r["source"], r["item"])
        for r in rejects
        if r["scope"] == "item" and r["reason"] not in REFUSED_ON_PURPOSE
    }
    return len(failed)
