"""release: one file of one config, from a run of work shards, streamed shard by shard.

Everything stays in Arrow: pixels are copied from the ingest shard, words from the verified one, and no
row becomes a Python object. Memory is that of one work shard.
"""

from collections.abc import Callable, Collection, Iterator
from dataclasses import replace
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from pipelines.commit import Commit, publish_tables, write_record
from pipelines.phases.rows import GROUNDED, INGESTED, VERIFIED, read_table
from pipelines.task import Step, Task, base_of, folder_of
from schemas.corpus import CONFIGS, GENERATOR

ROWS_AT_ONCE = 128  # questions whose image bytes are expanded together


def run_and_commit(task: Task, step: Step, key: str) -> dict[str, Any]:
    """Write one file into OUT/corpus/data and commit it.

    options: config, split, index, of, shards (in order), generator (a GENERATOR dict), features
    (text of the Hub's features metadata).
    """
    options = step.options
    base = base_of(task.out, "release")
    config = options["config"]
    schema = CONFIGS[config].with_metadata({"huggingface": options["features"]})
    path = base / "data" / config / file_name(options["split"], options["index"], options["of"])
    entry = publish_tables(path, schema, _tables(task, options, schema, MAKERS[config]))
    placed = replace(entry, path=path.relative_to(base).as_posix())
    counts = {config: entry.rows}
    write_record(folder_of(task.out, "release"), Commit(task.shard, key, [placed], counts))
    return counts


def file_name(split: str, index: int, of: int) -> str:
    """The Hub's shard name: train-00000-of-00003.parquet."""
    return f"{split}-{index:05d}-of-{of:05d}.parquet"


Maker = Callable[["Shard", dict[str, Any]], Iterator[pa.Table]]


class Shard:
    """The tables of one work shard, cut to the rows of one split, all in the same order.

    columns: the config's own; only those are read. What ingest knew of regions, facts and split is
    replaced by what ground and curate made of it.
    """

    def __init__(self, task: Task, shard: str, split: str, columns: Collection[str]) -> None:
        def read(phase: str, table: str, names: list[str], *also: str) -> pa.Table:
            wanted = [n for n in names if n in columns or n in also]
            return read_table(task, phase, shard, table, wanted)

        asked = FLATTENED if "question" in columns else ()
        verified = read("verify", "verified", VERIFIED.names, "id", "split", *asked)
        self.verified = verified.filter(pc.equal(verified["split"], split)).combine_chunks()
        ids = self.verified["id"]
        self.grounded = _in_order(read("ground", "grounded", GROUNDED.names, "id"), ids)
        self.images = _in_order(read("ingest", "images", OWN, "id"), ids)
        self.images = self.images.append_column("split", self.verified["split"])
        for name in ("facts", "regions"):
            if name in columns:
                self.images = self.images.append_column(name, self.grounded[name])


OWN = [name for name in INGESTED.names if name not in ("regions", "facts", "split")]
FLATTENED = ("questions", "question_verdicts")  # the columns of a question, before they are rows


def _in_order(table: pa.Table, ids: pa.ChunkedArray) -> pa.Table:
    return table.take(pc.index_in(ids, value_set=table["id"].combine_chunks())).combine_chunks()


def _tables(
    task: Task, options: dict[str, Any], schema: pa.Schema, make: Maker
) -> Iterator[pa.Table]:
    for shard in options["shards"]:
        for table in make(Shard(task, shard, options["split"], schema.names), options["generator"]):
            if table.num_rows:
                yield _exactly(table, schema)


def _exactly(table: pa.Table, schema: pa.Schema) -> pa.Table:
    """The columns of `schema`, in its order and with its metadata."""
    return pa.Table.from_arrays(
        [table[name].cast(schema.field(name).type) for name in schema.names], schema=schema
    )


def _images(shard: Shard, generator: dict[str, Any]) -> Iterator[pa.Table]:
    yield shard.images


def _triplets(shard: Shard, generator: dict[str, Any]) -> Iterator[pa.Table]:
    """Images with their regions and description; an image whose every sentence failed has none."""
    verified = shard.verified
    texts = [" ".join(s["text"] for s in row) for row in verified["sentences"].to_pylist()]
    table = shard.images
    for name in ("sentences", "passages", "verdicts"):
        table = table.append_column(name, verified[name])
    table = table.append_column("description", pa.array(texts, pa.string()))
    table = table.append_column("generator", _repeated(generator, table.num_rows))
    yield table.filter(pc.not_equal(table["description"], ""))


def _vqa(shard: Shard, generator: dict[str, Any]) -> Iterator[pa.Table]:
    """One row a question. The writer stores equal image bytes once a row group (as a dictionary)."""
    questions = shard.verified["questions"].combine_chunks()
    verdicts = shard.verified["question_verdicts"].combine_chunks()
    parents = pc.list_parent_indices(questions)
    table = pa.Table.from_struct_array(pc.list_flatten(questions))
    table = table.append_column("verdicts", pc.list_flatten(verdicts))
    for start in range(0, table.num_rows, ROWS_AT_ONCE):
        piece = table.slice(start, ROWS_AT_ONCE)
        images = shard.images.select(
            ["image", "modality", "source", "license", "patient_key", "split"]
        ).take(parents.slice(start, ROWS_AT_ONCE))
        for name in images.column_names:
            piece = piece.append_column(name, images[name])
        yield piece.append_column("generator", _repeated(generator, piece.num_rows))


def _repeated(generator: dict[str, Any], count: int) -> pa.Array:
    return pa.array([generator] * count, GENERATOR)


MAKERS: dict[str, Maker] = {"images": _images, "triplets": _triplets, "vqa": _vqa}


def chunks(sizes: list[tuple[str, dict[str, int]]], limit_bytes: int) -> dict[str, list[list[str]]]:
    """For each split, runs of shards whose images fill a file: {split: [[shard, ...], ...]}.

    sizes: (shard, {split: PNG bytes}) in corpus order. A pure function, so that the plan of the
    release does not depend on who finished when.
    """
    plan: dict[str, list[list[str]]] = {}
    filled: dict[str, int] = {}
    for shard, by_split in sizes:
        for split, size in by_split.items():
            runs = plan.setdefault(split, [])
            if not runs or filled[split] + size > limit_bytes:
                runs.append([])
                filled[split] = 0
            runs[-1].append(shard)
            filled[split] += size
    return plan
