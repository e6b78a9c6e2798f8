"""One work shard as release reads it: its tables, cut to one split and put into one order."""

import pyarrow as pa
import pyarrow.compute as pc

from pipelines.phases.balance import BALANCED
from pipelines.phases.rows import GROUNDED, INGESTED, VERIFIED, read_table
from pipelines.task import Task
from schemas.corpus import CONFIGS

OWN = [name for name in INGESTED.names if name not in ("regions", "facts", "split")]
FLATTENED = {
    "vqa": ("questions", "question_verdicts"),
    "conversations": ("conversations", "conversation_verdicts"),
}
"""The columns of a config's rows in a verified shard, where they are lists of an image."""


class Shard:
    """The tables of one work shard, cut to the rows of one split, all in the same order.

    Only columns of the config are read. What ingest knew of regions, facts and split is replaced by what
    ground and curate made of it.
    """

    def __init__(self, task: Task, shard: str, split: str, config: str) -> None:
        columns = CONFIGS[config].names

        def read(phase: str, table: str, names: list[str], *also: str) -> pa.Table:
            wanted = [n for n in names if n in columns or n in also]
            return read_table(task, phase, shard, table, wanted)

        words = FLATTENED.get(config, ())
        verified = read("verify", "verified", VERIFIED.names, "id", "split", *words)
        self.verified = verified.filter(pc.equal(verified["split"], split)).combine_chunks()
        ids = self.verified["id"]
        self.grounded = in_order(read("ground", "grounded", GROUNDED.names, "id"), ids)
        self.images = in_order(read("ingest", "images", OWN, "id"), ids)
        self.images = self.images.append_column("split", self.verified["split"])
        for name in ("facts", "regions"):
            if name in columns:
                self.images = self.images.append_column(name, self.grounded[name])
        if "flags" in columns:
            self.images = _with_flags(self.images, self.grounded["flags"])
        if words:
            self.decided = read_table(task, "balance", "all", shard, BALANCED.names)


def _with_flags(images: pa.Table, added: pa.ChunkedArray) -> pa.Table:
    """The flags of ingest and those that ground added, as one sorted list."""
    if not pc.any(pc.greater(pc.list_value_length(added), 0)).as_py():
        return images
    pairs = zip(images["flags"].to_pylist(), added.to_pylist(), strict=True)
    merged = pa.array([sorted({*own, *more}) for own, more in pairs], pa.list_(pa.string()))
    return images.set_column(images.schema.get_field_index("flags"), "flags", merged)


def in_order(table: pa.Table, ids: pa.ChunkedArray) -> pa.Table:
    return table.take(pc.index_in(ids, value_set=table["id"].combine_chunks())).combine_chunks()
