"""Everything behind one released row: from the file it came from to the gate that let it through."""

from pathlib import Path
from typing import Any

import pyarrow.compute as pc
import pyarrow.parquet as pq

from pipelines.commit import Commit, read_record
from pipelines.errors import UsageError
from pipelines.summary import read_rejects
from pipelines.task import folder_of

LINES = ("ingest", "ground", "describe", "verify")
TABLES = {"ingest": "images", "ground": "grounded", "describe": "described", "verify": "verified"}

ASKING = ("describe", "verify")  # phases that may have asked models


def trace(out: Path, id: str) -> dict[str, Any]:
    """Steps, facts, regions, passages, words and verdicts behind an id of OUT.

    id: of an image, region, fact, question, volume, region of a volume, or reject. Raises UsageError
    where no phase knows it.
    """
    if id.split("-")[0] in ("vol", "vreg"):
        return _trace_volume(out, id)
    rejects = [row for row in read_rejects(out) if row["id"] == id]
    image_id = _image_of(out, id)
    if image_id is None and not rejects:
        raise UsageError(
            f"id {id!r} is in no phase of {str(out)!r}; ids are in the corpus and in `medgrain rejects`"
        )
    found: dict[str, Any] = {"id": id, "image_id": image_id, "rejects": rejects}
    if image_id is None:
        return found
    for phase in LINES:
        row, shard = _row(out, phase, image_id)
        if row is None:
            break
        row.pop("image", None)
        commit = read_record(folder_of(out, phase), shard)
        found[phase] = {"shard": shard, "key": commit.key if commit else None, **row}
        if commit is not None and phase in ASKING:
            found[phase] |= _conversation(out, phase, commit, image_id)
        if phase == "ingest" and row["volume_id"] is not None:
            found["volume"] = _volume(out, row["volume_id"])
    return found


def _trace_volume(out: Path, id: str) -> dict[str, Any]:
    """A volume or slide, or the one that a region in 3-D is of; of a region the others are left out."""
    volume = _volume(out, id)
    if volume is None:
        raise UsageError(f"id {id!r} is no volume and no region of a volume in {str(out)!r}")
    if id != volume["id"]:
        volume["regions"] = [region for region in volume["regions"] if region["id"] == id]
    return {"id": id, "image_id": None, "rejects": [], "volume": volume}


def _volume(out: Path, id: str) -> dict[str, Any] | None:
    """The row of a volume, or of the one that holds a region, without its label volume."""
    for shard, path in _shards(out, "ingest", "volumes"):
        columns = [n for n in pq.read_schema(path).names if n != "label_volume"]
        for batch in pq.ParquetFile(path).iter_batches(8, columns=columns):
            for row in batch.to_pylist():
                if id == row["id"] or any(region["id"] == id for region in row["regions"]):
                    commit = read_record(folder_of(out, "ingest"), shard)
                    return {"shard": shard, "key": commit.key if commit else None, **row}
    return None


def _conversation(out: Path, phase: str, commit: Commit, image_id: str) -> dict[str, Any]:
    """What models were asked about an image, what they said, and the drafts that were refused."""
    folder = folder_of(out, phase)
    asked = {"exchanges": _rows_of(folder / commit.file("exchanges"), "subject", image_id)}
    if phase == "describe":
        asked["attempts"] = _rows_of(folder / commit.file("attempts"), "image_id", image_id)
    return {name: rows for name, rows in asked.items() if rows}


def _rows_of(path: Path, column: str, value: str) -> list[dict[str, Any]]:
    table = pq.read_table(path)
    rows: list[dict[str, Any]] = table.filter(pc.equal(table[column], value)).to_pylist()
    return rows


def _shards(out: Path, phase: str, table: str | None = None) -> list[tuple[str, Path]]:
    folder = folder_of(out, phase)
    found = []
    for record in sorted((folder / "commits").glob("*.json")):
        commit = read_record(folder, record.stem)
        if commit is not None:
            found.append((commit.shard, folder / commit.file(table or TABLES[phase])))
    return found


def _row(out: Path, phase: str, id: str) -> tuple[dict[str, Any] | None, str]:
    for shard, path in _shards(out, phase):
        ids = pq.read_table(path, columns=["id"])["id"]
        at = pc.index(ids, id).as_py()
        if at >= 0:
            columns = [n for n in pq.read_schema(path).names if n != "image"]
            return pq.read_table(path, columns=columns).slice(at, 1).to_pylist()[0], shard
    return None, ""


def _image_of(out: Path, id: str) -> str | None:
    """The image an id belongs to; the kind of an id is its prefix."""
    kind = id.split("-")[0]
    if kind == "img":
        return id if _row(out, "ingest", id)[0] is not None else None
    place = {
        "reg": ("ground", "regions"),
        "fact": ("ground", "facts"),
        "qa": ("describe", "questions"),
        "conv": ("describe", "conversations"),
    }
    if kind not in place:
        return None
    phase, column = place[kind]
    for _, path in _shards(out, phase):
        table = pq.read_table(path, columns=["id", column])
        inner = pc.struct_field(pc.list_flatten(table[column]), "id")
        at = pc.index(inner, id).as_py()
        if at >= 0:
            return table["id"][pc.list_parent_indices(table[column])[at].as_py()].as_py()
    return None
