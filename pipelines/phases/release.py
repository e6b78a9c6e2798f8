"""release: one file of one config, from a run of work shards, streamed shard by shard.

Everything stays in Arrow: pixels are copied from the ingest shard, words from the verified one, and no
row becomes a Python object. Memory is that of one work shard.
"""

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from pipelines.commit import Commit, publish_tables, write_record
from pipelines.phases.options import reordered
from pipelines.phases.release_shard import FLATTENED, Shard, in_order
from pipelines.phases.release_volumes import volumes_of
from pipelines.task import Step, Task, base_of, folder_of
from schemas.corpus import CONFIGS, GENERATOR
from schemas.image import PICTURE

PICTURES_AT_ONCE = 128  # pictures of questions that are expanded together


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
    entry = publish_tables(path, schema, _tables(task, options, schema))
    placed = replace(entry, path=path.relative_to(base).as_posix())
    counts = {config: entry.rows}
    write_record(folder_of(task.out, "release"), Commit(task.shard, key, [placed], counts))
    return counts


def file_name(split: str, index: int, of: int) -> str:
    """The Hub's shard name: train-00000-of-00003.parquet."""
    return f"{split}-{index:05d}-of-{of:05d}.parquet"


OF_THE_IMAGE = ["image", "modality", "source", "license", "patient_key", "split"]

Maker = Callable[[Shard, dict[str, Any]], Iterator[pa.Table]]


def _tables(task: Task, options: dict[str, Any], schema: pa.Schema) -> Iterator[pa.Table]:
    config, split = options["config"], options["split"]
    for shard in options["shards"]:
        if config == "volumes":
            tables = volumes_of(task, shard, split)
        else:
            tables = MAKERS[config](Shard(task, shard, split, config), options["generator"])
        for table in tables:
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
    """One row a question, its options as balance ordered them, with all images it is asked of.

    The writer stores equal image bytes once a row group (as a dictionary).
    """
    table, parents, decided = _kept(shard, "vqa")
    table = reordered(table, decided)
    further = pc.max(pc.list_value_length(table["more_image_ids"])).as_py() or 0
    for piece in _with_images(table, parents, shard, generator, 1 + further):
        yield piece.append_column("more_images", _pictures(piece["more_image_ids"], shard.images))


def _conversations(shard: Shard, generator: dict[str, Any]) -> Iterator[pa.Table]:
    """One row a conversation, with the image it is about."""
    table, parents, _ = _kept(shard, "conversations")
    yield from _with_images(table, parents, shard, generator, 1)


def _kept(shard: Shard, config: str) -> tuple[pa.Table, pa.Array, pa.Table]:
    """Rows of a config that balance keeps, with verdicts; the image row each is of; its decision."""
    words, verdicts = (shard.verified[name].combine_chunks() for name in FLATTENED[config])
    table = pa.Table.from_struct_array(pc.list_flatten(words))
    table = table.append_column("verdicts", pc.list_flatten(verdicts))
    decided = in_order(shard.decided, table["id"])
    if decided["keep"].null_count:
        raise LookupError("balance has not decided on every verified row; run the build again")
    keep = decided["keep"].combine_chunks()
    return table.filter(keep), pc.list_parent_indices(words).filter(keep), decided.filter(keep)


def _with_images(
    table: pa.Table, parents: pa.Array, shard: Shard, generator: dict[str, Any], pictures: int
) -> Iterator[pa.Table]:
    """The table in pieces, with what a row takes from its image. pictures: most of one row."""
    rows = max(1, PICTURES_AT_ONCE // pictures)
    for start in range(0, table.num_rows, rows):
        piece = table.slice(start, rows)
        images = shard.images.select(OF_THE_IMAGE).take(parents.slice(start, rows))
        for name in images.column_names:
            piece = piece.append_column(name, images[name])
        yield piece.append_column("generator", _repeated(generator, piece.num_rows))


def _pictures(ids: pa.ChunkedArray, images: pa.Table) -> pa.Array:
    """The pictures of lists of image ids. All images of one item are of one shard and one split."""
    ids = ids.combine_chunks()
    places = pc.index_in(pc.list_flatten(ids), value_set=images["id"].combine_chunks())
    if places.null_count:
        raise ValueError(f"{places.null_count} further images of questions are in another shard")
    found = images["image"].take(places).combine_chunks()
    offsets = pa.array([0, *pc.cumulative_sum(pc.list_value_length(ids)).to_pylist()], pa.int32())
    return pa.ListArray.from_arrays(offsets, found, type=pa.list_(PICTURE))


def _repeated(generator: dict[str, Any], count: int) -> pa.Array:
    return pa.array([generator] * count, GENERATOR)


MAKERS: dict[str, Maker] = {
    "images": _images,
    "triplets": _triplets,
    "vqa": _vqa,
    "conversations": _conversations,
}


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
