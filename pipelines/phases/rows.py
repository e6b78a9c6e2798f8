"""What each phase commits for one image, and how to read it back without the pixels."""

from collections.abc import Iterator
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from pipelines.task import Need, Task, folder_of, upstream
from schemas.conform import to_row
from schemas.conversation import CONVERSATION
from schemas.fact import FACT, Fact
from schemas.image import IMAGE, Image
from schemas.passage import PASSAGE
from schemas.question import QUESTION
from schemas.region import REGION, Region
from schemas.sentence import SENTENCE
from schemas.verdict import VERDICT

INGESTED = pa.schema([*IMAGE, pa.field("regions", pa.list_(REGION), nullable=False)])
"""ingest: images with their annotated regions; facts of both in `facts`."""

KEYS = pa.schema(
    [
        pa.field("id", pa.string(), nullable=False),
        pa.field("item", pa.string(), nullable=False),
        pa.field("pixel_sha256", pa.string(), nullable=False),
        pa.field("license", pa.string(), nullable=False),
        pa.field("patient_key", pa.string(), nullable=False),
        pa.field(
            "split", pa.string(), nullable=False
        ),  # of origin, "" where the source states none
        pa.field("png_bytes", pa.int64(), nullable=False),
    ]
)
"""ingest: the few columns that corpus-wide decisions need."""

NATIVE = pa.schema(
    [
        pa.field("id", pa.string(), nullable=False),
        pa.field("height", pa.int32(), nullable=False),
        pa.field("width", pa.int32(), nullable=False),
        pa.field("unit", pa.string(), nullable=False),
        pa.field("values", pa.large_binary(), nullable=False),  # float32, little-endian, C order
    ]
)
"""ingest: stored values (HU) of pictures, where an expert of the recipe needs them; in the order of images."""

DECISIONS = pa.schema(
    [
        pa.field("id", pa.string(), nullable=False),
        pa.field("split", pa.string(), nullable=False),
        pa.field("png_bytes", pa.int64(), nullable=False),
    ]
)
"""curate: the images that stay."""

GROUNDED = pa.schema(
    [
        pa.field("id", pa.string(), nullable=False),
        pa.field("split", pa.string(), nullable=False),
        pa.field("png_bytes", pa.int64(), nullable=False),
        pa.field("regions", pa.list_(REGION), nullable=False),
        pa.field("facts", pa.list_(FACT), nullable=False),
        pa.field("flags", pa.list_(pa.string()), nullable=False),  # that experts add to the image's
    ]
)
"""ground: final regions and all facts."""

CITED = pa.struct(
    [
        *PASSAGE,
        pa.field("title", pa.string(), nullable=False),
        pa.field("concept", pa.string(), nullable=False),
    ]
)
"""A passage with what gates need of it and a release does not."""

DESCRIBED = pa.schema(
    [
        pa.field("id", pa.string(), nullable=False),
        pa.field("sentences", pa.list_(SENTENCE), nullable=False),
        pa.field("passages", pa.list_(CITED), nullable=False),
        pa.field("questions", pa.list_(QUESTION), nullable=False),
        pa.field("conversations", pa.list_(CONVERSATION), nullable=False),
    ]
)
"""describe: the words as they are judged, good or bad."""

ATTEMPT = pa.schema(
    [
        pa.field("image_id", pa.string(), nullable=False),
        pa.field("scope", pa.string(), nullable=False),  # sentence | question | conversation
        pa.field("attempt", pa.int32(), nullable=False),  # from 1
        pa.field("text", pa.string(), nullable=False),
        pa.field("gate", pa.string(), nullable=False),
        pa.field("reason", pa.string(), nullable=False),
        pa.field("detail", pa.string(), nullable=False),
    ]
)
"""describe: drafts that a gate or verifier refused and a model wrote again."""

VERIFIED = pa.schema(
    [
        pa.field("id", pa.string(), nullable=False),
        pa.field("split", pa.string(), nullable=False),
        pa.field("png_bytes", pa.int64(), nullable=False),
        pa.field("sentences", pa.list_(SENTENCE), nullable=False),
        pa.field("passages", pa.list_(PASSAGE), nullable=False),
        pa.field("verdicts", pa.list_(VERDICT), nullable=False),
        pa.field("questions", pa.list_(QUESTION), nullable=False),
        pa.field("question_verdicts", pa.list_(pa.list_(VERDICT)), nullable=False),
        pa.field("conversations", pa.list_(CONVERSATION), nullable=False),
        pa.field("conversation_verdicts", pa.list_(pa.list_(VERDICT)), nullable=False),
    ]
)
"""verify: the words that passed every gate, and what the gates measured."""


def read_table(
    task: Task, phase: str, shard: str, table: str, columns: list[str] | None = None
) -> pa.Table:
    """One committed table of an upstream shard."""
    done = upstream(task, Need(phase, shard))
    path = folder_of(task.out, phase) / done.file(table)
    return pq.read_table(path, columns=columns, memory_map=True)


def iter_rows(table: pa.Table) -> Iterator[dict[str, Any]]:
    """Rows as dicts, a few at a time."""
    for batch in table.to_batches(max_chunksize=64):
        yield from batch.to_pylist()


WITHOUT_PIXELS = [name for name in INGESTED.names if name not in ("image", "regions", "facts")]


def image_of(values: dict[str, Any]) -> Image:
    """An Image whose bytes stayed in the ingest shard."""
    values = {"image": {"bytes": None, "path": f"{values['id']}.png"}, **values}
    values["facts"] = facts_of(values.get("facts") or [])
    return to_row(Image, values)


def regions_of(values: list[dict[str, Any]]) -> list[Region]:
    """Regions from Arrow's dicts."""
    return [Region(**v) for v in values]


def facts_of(values: list[dict[str, Any]]) -> list[Fact]:
    """Facts from Arrow's dicts."""
    return [Fact(**v) for v in values]
