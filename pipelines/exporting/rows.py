"""Rows of the released config `volumes`, one at a time: a row may hold a label volume of many MB."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.parquet as pq

from pipelines.errors import UsageError
from schemas.reject import Fault
from transforms.dicom_seg.marked import Labelled, Marked
from transforms.volumes.codec import decode

Row = dict[str, Any]


def volume_rows(
    out: Path, *, source: str | None = None, volume: str | None = None
) -> Iterator[Row]:
    """Rows in corpus order, of one source or of one volume where asked.

    Raises UsageError where OUT holds no finished corpus or no such volume.
    """
    if not (out / "corpus" / "manifest.jsonl").is_file():
        raise UsageError(f"{str(out)!r} holds no finished corpus; run `medgrain build` first")
    found = 0
    for path in sorted((out / "corpus" / "data" / "volumes").glob("*.parquet")):
        file = pq.ParquetFile(path)
        for group in range(file.num_row_groups):
            heads = file.read_row_group(group, columns=["id", "source"]).to_pylist()
            for at, head in enumerate(heads):
                if source in (None, head["source"]) and volume in (None, head["id"]):
                    found += 1
                    yield file.read_row_group(group).slice(at, 1).to_pylist()[0]
    if not found:
        asked = f"volume {volume!r}" if volume else f"source {source!r}" if source else "any volume"
        raise UsageError(f"the corpus of {str(out)!r} does not hold {asked}")


def labelled(row: Row, algorithms: dict[str, str]) -> Labelled:
    """The regions of a row and their voxels; `algorithms` says of each producer how it drew.

    Raises Fault mask_empty without regions.
    """
    if not row["regions"]:
        raise Fault("mask_empty", "the volume has no region")
    layers = tuple(decode(data).values for data in row["label_volume"])
    places = {one["region_id"]: (one["layer"], one["value"]) for one in row["labels"]}
    regions = tuple(
        Marked(
            id=r["id"],
            layer=places[r["id"]][0],
            value=places[r["id"]][1],
            label=r["label"],
            kind=r["kind"],
            side=r["side"],
            producer=r["producer"],
            algorithm=algorithms[r["producer"]],
            candidate=r["candidate"],
        )
        for r in row["regions"]
    )
    return Labelled(layers, affine_of(row), regions)


def affine_of(row: Row) -> np.ndarray | None:
    """[4, 4] (s, r, c, 1) -> LPS mm; None where the volume's place is not known."""
    return None if row["affine"] is None else np.array(row["affine"]).reshape(4, 4)


def number_of(row: Row) -> int:
    """Which of several volumes of its item a row is: 12 for the part "volume=0012", else 0."""
    match = re.search(r"volume=(\d+)", row["part"])
    return int(match[1]) if match else 0
