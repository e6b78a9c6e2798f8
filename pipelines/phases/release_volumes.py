"""release: the volumes and slides that released pictures were cut from, one at a time."""

from collections import Counter
from collections.abc import Iterator
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from pipelines.phases.rows import read_table
from pipelines.task import Task
from schemas.volume import VOLUME


def volumes_of(task: Task, shard: str, split: str) -> Iterator[pa.Table]:
    """Rows of one work shard, each a table of its own: a reader of one volume reads one row group.

    A volume is released where one of its pictures is, in their split: they are of one patient. It names
    only pictures that are in the corpus.
    """
    verified = read_table(task, "verify", shard, "verified", ["id", "split"])
    released = verified.filter(pc.equal(verified["split"], split))["id"].combine_chunks()
    table = read_table(task, "ingest", shard, "volumes", VOLUME.names)
    for index in range(table.num_rows):
        one = table.slice(index, 1)
        images = one["images"].to_pylist()[0]
        kept = _among([entry["image_id"] for entry in images], released)
        if not kept:
            continue
        stacks = one["stacks"].to_pylist()[0]
        changed = {
            "images": [entry for entry in images if entry["image_id"] in kept],
            "stacks": [only for stack in stacks if (only := _only(stack, kept)) is not None],
            "split": split,
        }
        for name, value in changed.items():
            place = VOLUME.get_field_index(name)
            one = one.set_column(
                place, VOLUME.field(name), pa.array([value], VOLUME.field(name).type)
            )
        yield one


def volumes_to_release(task: Task, shard: str, split_of: dict[str, str]) -> Counter[str]:
    """Volumes by split. split_of: of every verified image of the shard."""
    table = read_table(task, "ingest", shard, "volumes", ["id", "images"])
    total: Counter[str] = Counter()
    for images in table["images"].to_pylist():
        total.update({split_of[e["image_id"]] for e in images if e["image_id"] in split_of})
    return total


def _among(ids: list[str], released: pa.Array) -> set[str]:
    found = pc.is_in(pa.array(ids, pa.string()), value_set=released)
    return {id for id, is_there in zip(ids, found.to_pylist(), strict=True) if is_there}


def _only(stack: dict[str, Any], kept: set[str]) -> dict[str, Any] | None:
    """The stack, null where a slice is not in the corpus; None where that is the one in the middle."""
    ids = [id if id in kept else None for id in stack["image_ids"]]
    middle = ids[stack["indices"].index(stack["center"])]
    return None if middle is None else stack | {"image_ids": ids}
