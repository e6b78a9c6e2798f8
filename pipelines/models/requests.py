"""Requests that wait for an answer: written by a shard's step, read by the driver, answered in bulk."""

import json
from collections.abc import Iterable, Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from pipelines.commit import publish_table
from schemas.exchange import Message, Request, Sampling, SentImage

WAITING = pa.schema(
    [
        pa.field("model", pa.string(), nullable=False),  # name in the recipe
        pa.field("key", pa.string(), nullable=False),
        pa.field("request", pa.string(), nullable=False),  # JSON; images by their digest
        pa.field(
            "images",
            pa.list_(
                pa.struct(
                    [
                        pa.field("sha256", pa.string(), nullable=False),
                        pa.field("data", pa.binary(), nullable=False),
                        pa.field("width", pa.int32(), nullable=False),
                        pa.field("height", pa.int32(), nullable=False),
                        pa.field("media_type", pa.string(), nullable=False),
                    ]
                )
            ),
            nullable=False,
        ),
    ]
)

Waiting = tuple[str, str, Request]  # model, key, request


def waiting_folder(out: str | Path) -> Path:
    """Where the requests of a build wait."""
    return Path(out) / "run" / "waiting"


def write_waiting(out: str | Path, shard: str, waiting: Iterable[Waiting]) -> int:
    """Write what a shard waits for, in place of what it waited for before; returns how many."""
    rows = [_row(*entry) for entry in waiting]
    publish_table(
        waiting_folder(out) / f"{shard}.parquet", pa.Table.from_pylist(rows, schema=WAITING)
    )
    return len(rows)


def read_waiting(path: Path) -> Iterator[Waiting]:
    """The requests of one file, a few at a time: their images may be large."""
    for batch in pq.ParquetFile(path).iter_batches(batch_size=16):
        for row in batch.to_pylist():
            yield row["model"], row["key"], _request(row)


def _row(model: str, key: str, request: Request) -> dict[str, Any]:
    images = {i.sha256: i for m in request.messages for i in m.images}
    messages = [[m.role, m.text, [i.sha256 for i in m.images]] for m in request.messages]
    text = {
        "purpose": request.purpose,
        "subject": request.subject,
        "messages": messages,
        "schema": request.schema,
        "sampling": asdict(request.sampling),
        "sample": request.sample,
        "prompt_sha256": request.prompt_sha256,
    }
    pictures = [asdict(image) for _, image in sorted(images.items())]
    return {"model": model, "key": key, "request": json.dumps(text), "images": pictures}


def _request(row: dict[str, Any]) -> Request:
    values = json.loads(row["request"])
    images = {i["sha256"]: SentImage(**i) for i in row["images"]}
    messages = tuple(
        Message(role, text, tuple(images[s] for s in shown))
        for role, text, shown in values.pop("messages")
    )
    return Request(messages=messages, sampling=Sampling(**values.pop("sampling")), **values)
