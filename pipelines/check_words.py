"""Checks of released conversations and of questions on several images, from their rows alone."""

import hashlib
from collections import defaultdict
from collections.abc import Iterator
from itertools import cycle
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

Problem = tuple[str, str]
ROLES = ("user", "assistant")


def paths(corpus: Path, config: str) -> list[Path]:
    """The files of a config, in order."""
    return sorted((corpus / "data" / config).glob("*.parquet"))


def check_conversations(talks: pa.Table, corpus: Path) -> Iterator[Problem]:
    """Roles in turn, the user first and the assistant last; every id is of the conversation's image.

    talks: columns id, image_id and turns of the whole config.
    """
    known = _ids_of_images(corpus, set(talks["image_id"].to_pylist()))
    for row in talks.select(["id", "image_id", "turns"]).to_pylist():
        place = f"conversations {row['id']}"
        if row["image_id"] not in known:
            yield place, f"image {row['image_id']} is not in the corpus"
            continue
        yield from ((place, fault) for fault in _faults(row["turns"], known[row["image_id"]]))


def _faults(turns: list[dict[str, Any]], known: set[str]) -> Iterator[str]:
    roles = [turn["role"] for turn in turns]
    if (
        not turns
        or len(turns) % 2
        or any(a != b for a, b in zip(roles, cycle(ROLES), strict=False))
    ):
        yield f"roles are {', '.join(roles) or 'none'}; expected user and assistant in turn"
    for number, turn in enumerate(turns, start=1):
        if not turn["text"].strip():
            yield f"turn {number} says nothing"
        if unknown := sorted({*turn["region_ids"], *turn["fact_ids"]} - known):
            yield f"turn {number} names {unknown[0]}, which its image lacks"


def _ids_of_images(corpus: Path, wanted: set[str]) -> dict[str, set[str]]:
    """Ids of facts and regions of the wanted images. A region is known by a fact on it."""
    found: dict[str, set[str]] = defaultdict(set)
    if not wanted:
        return found
    columns = ["id", "facts.list.element.id", "facts.list.element.subject"]
    for path in paths(corpus, "images"):
        for batch in pq.ParquetFile(path).iter_batches(256, columns=columns):
            for row in batch.to_pylist():
                if row["id"] in wanted:
                    found[row["id"]] |= {f[part] for f in row["facts"] for part in f}
    return found


def check_further_images(questions: pa.Table, corpus: Path) -> Iterator[Problem]:
    """`more_images` are the pictures of `more_image_ids`, in that order.

    questions: columns id and more_image_ids of the whole config.
    """
    named = pc.list_flatten(questions["more_image_ids"])
    digests = _picture_digests(corpus, set(named.to_pylist()))
    for path in paths(corpus, "vqa") if digests else []:
        columns = ["id", "more_image_ids", "more_images"]
        for batch in pq.ParquetFile(path).iter_batches(32, columns=columns):
            several = batch.filter(pc.greater(pc.list_value_length(batch["more_image_ids"]), 0))
            for row in several.to_pylist():
                pictures = [_digest(picture) for picture in row["more_images"] or []]
                if pictures != [digests.get(id) for id in row["more_image_ids"]]:
                    yield f"vqa {row['id']}", "more_images are not those of more_image_ids"


def _picture_digests(corpus: Path, wanted: set[str]) -> dict[str, str]:
    """sha256 of the stored picture of each wanted image."""
    found: dict[str, str] = {}
    for path in paths(corpus, "images") if wanted else []:
        for batch in pq.ParquetFile(path).iter_batches(32, columns=["id", "image"]):
            rows = batch.filter(pc.is_in(batch["id"], value_set=pa.array(sorted(wanted))))
            found |= {row["id"]: _digest(row["image"]) for row in rows.to_pylist()}
    return found


def _digest(picture: dict[str, Any]) -> str:
    return hashlib.sha256(picture["bytes"]).hexdigest()
