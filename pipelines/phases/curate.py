"""curate: decisions that need the whole corpus, as a pure function of keys in a fixed order."""

import hashlib
from collections import defaultdict
from collections.abc import Iterable
from typing import Any

from pipelines.phases.rows import DECISIONS, KEYS, iter_rows, read_table
from pipelines.task import Outcome, Step, Task
from schemas.conform import to_table
from schemas.reject import Reject

HELD_OUT = ("test", "validation", "train")  # the first that applies to a patient wins


def run(task: Task, step: Step) -> Outcome:
    """Keep the first of each set of equal pixels; give every patient one split.

    options: shards (in corpus order), splits {train, validation, test, origin}, key.
    """
    rows = [
        row | {"shard": shard, "source": source}
        for shard, source in step.options["shards"]
        for row in iter_rows(read_table(task, "ingest", shard, "keys", KEYS.names))
    ]
    kept, rejects = first_of_equal_pixels(rows)
    splits = split_patients(rows, **step.options["splits"], key=step.options["key"])
    decided = defaultdict(list)
    for row in kept:
        decided[row["shard"]].append(row | {"split": splits[row["patient_key"]]})
    tables = {
        shard: to_table(decided.get(shard, []), DECISIONS) for shard, _ in step.options["shards"]
    }
    counts = {"images": len(rows), "kept": len(kept), "patients": len(splits)}
    return Outcome(tables, rejects, counts)


def first_of_equal_pixels(
    rows: Iterable[dict[str, Any]],
) -> tuple[list[dict[str, Any]], list[Reject]]:
    """Rows whose pixels were not seen before, and a reject for every other one."""
    first: dict[str, dict[str, Any]] = {}
    kept, rejects = [], []
    for row in rows:
        earlier = first.setdefault(row["pixel_sha256"], row)
        if earlier is row:
            kept.append(row)
            continue
        detail = f"same pixels as {earlier['id']} of source {earlier['source']}"
        rejects.append(
            Reject(row["id"], row["source"], row["item"], "curate", "exact-duplicate",
                   "duplicate_pixels", detail, 1, "image")
        )  # fmt: skip
    return kept, rejects


def split_patients(
    rows: Iterable[dict[str, Any]],
    *,
    train: float,
    validation: float,
    test: float,
    origin: bool,
    key: str,
) -> dict[str, str]:
    """One split a patient: its most held-out split of origin, else drawn by keyed hash.

    The draw depends on the patient alone, so a patient added later moves nobody.
    """
    shares = {"train": train, "validation": validation, "test": test}
    stated: dict[str, set[str]] = defaultdict(set)
    for row in rows:
        stated[row["patient_key"]].add(row["split"] if origin else "")
    return {
        patient: next((s for s in HELD_OUT if s in found), None) or _draw(patient, shares, key)
        for patient, found in stated.items()
    }


def _draw(patient: str, shares: dict[str, float], key: str) -> str:
    place = int(hashlib.sha256(f"split\0{key}\0{patient}".encode()).hexdigest()[:13], 16) / 16**13
    for split, share in shares.items():
        if place < share:
            return split
        place -= share
    return max(shares, key=lambda s: shares[s])
