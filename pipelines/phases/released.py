"""How many rows each released config will have, before any of it is written."""

from collections import Counter
from collections.abc import Iterable
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from pipelines.phases.release_volumes import volumes_to_release
from pipelines.phases.rows import read_table
from pipelines.task import Need, Task, folder_of, upstream

COLUMNS = [
    "id",
    "split",
    "sentences.list.element.attribute",
    "questions.list.element.id",
    "conversations.list.element.id",
]


def rows_to_release(out: Path, shards: Iterable[str]) -> Counter[tuple[str, str]]:
    """Rows by (config, split), from what verify committed and balance decided. No text is read.

    A config without a row in a split is to have no file there.
    """
    total: Counter[tuple[str, str]] = Counter()
    for shard in shards:
        task = Task(str(out), shard, ())
        done = upstream(task, Need("verify", shard))
        path = folder_of(out, "verify") / done.file("verified")
        with pq.ParquetFile(path) as file:
            table = file.read(columns=COLUMNS)
        decided = read_table(task, "balance", "all", shard, ["id", "keep"])
        kept = decided.filter(decided["keep"])["id"].combine_chunks()
        total.update(("images", split) for split in table["split"].to_pylist())
        split_of = dict(zip(table["id"].to_pylist(), table["split"].to_pylist(), strict=True))
        volumes = volumes_to_release(task, shard, split_of)
        total.update({("volumes", split): count for split, count in volumes.items()})
        described = pc.greater(pc.list_value_length(table["sentences"]), 0)
        total.update(("triplets", split) for split in table["split"].filter(described).to_pylist())
        for config, column in (("vqa", "questions"), ("conversations", "conversations")):
            splits = _splits(table["split"], table[column].combine_chunks(), kept)
            total.update((config, split) for split in splits)
    return total


def _splits(of_images: pa.ChunkedArray, words: pa.Array, kept: pa.Array) -> list[str]:
    """The split of every row of a list column whose id is kept."""
    ids = pc.struct_field(pc.list_flatten(words), "id")
    found = of_images.take(pc.list_parent_indices(words)).filter(pc.is_in(ids, value_set=kept))
    splits: list[str] = found.to_pylist()
    return splits
