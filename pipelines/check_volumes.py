"""Recompute what a corpus says of its volumes: label volumes, measures, and the masks of their slices.

One volume is decoded at a time. Everything is worked out again from the released bytes; nothing but the
corpus is read.
"""

import json
from collections import defaultdict
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from pipelines.check_words import Problem, paths
from schemas.volume import VOLUME
from transforms.encode import nearest
from transforms.regions.patch import bytes_of
from transforms.volumes.check import check_row
from transforms.volumes.codec import decode
from transforms.volumes.derive import Labels, cut_of_row

Row = dict[str, Any]
Place = tuple[Path, int, int]  # file, row group, row in it


def check_volumes(corpus: Path, images: pa.Table) -> Iterator[Problem]:
    """Problems of config `volumes`. images: columns id and volume_id of config images."""
    slices = _triplets_by_volume(corpus)
    claimed: dict[str, str] = {}
    for row in _rows(corpus):
        place = f"volumes {row['id']}"
        claimed |= {entry["image_id"]: row["id"] for entry in row["images"]}
        try:
            labels = Labels(row["label_volume"], row["labels"])
        except ValueError as error:
            yield place, str(error)
            continue
        for what in check_row(row, labels, [decode(data) for data in row["label_volume"]]):
            yield place, what
        yield from _check_slices(row, labels, slices.pop(row["id"], []))
    for volume, places in slices.items():
        yield f"volumes {volume}", f"not in the corpus; {len(places)} slices with regions name it"
    named = dict(zip(images["id"].to_pylist(), images["volume_id"].to_pylist(), strict=True))
    for id in sorted(set(claimed) | {i for i, v in named.items() if v is not None}):
        if id not in named:
            yield f"volumes {claimed[id]}", f"image {id} is not in the corpus"
        elif named[id] != claimed.get(id):
            yield f"images {id}", f"volume_id {named[id]}, but volume {claimed.get(id)} lists it"


def _rows(corpus: Path) -> Iterator[Row]:
    for path in paths(corpus, "volumes"):
        with pq.ParquetFile(path) as file:
            for batch in file.iter_batches(1, columns=VOLUME.names):
                yield from batch.to_pylist()


def _triplets_by_volume(corpus: Path) -> dict[str, list[Place]]:
    """Where the rows with regions of each volume are; only one column is read."""
    found: dict[str, list[Place]] = defaultdict(list)
    for path in paths(corpus, "triplets"):
        with pq.ParquetFile(path) as file:
            for group in range(file.num_row_groups):
                ids = file.read_row_group(group, columns=["volume_id"])["volume_id"].to_pylist()
                for index, id in enumerate(ids):
                    if id is not None:
                        found[id].append((path, group, index))
    return found


@lru_cache(maxsize=2)
def _group(path: Path, group: int) -> list[Row]:
    columns = ["id", "width", "height", "regions", "steps"]
    with pq.ParquetFile(path) as file:
        rows: list[Row] = file.read_row_group(group, columns=columns).to_pylist()
    return rows


def _check_slices(row: Row, labels: Labels, places: list[Place]) -> Iterator[Problem]:
    """Each region of a slice is the cut of its region of the volume, or whole parts of that cut."""
    cuts = {e["image_id"]: e for e in row["images"] if e["axis"] is not None}
    for path, group, index in places:
        image = _group(path, group)[index]
        regions = [r for r in image["regions"] if r["volume_region"] is not None]
        if not regions:
            continue
        place = f"triplets {image['id']}"
        if image["id"] not in cuts:
            yield place, f"regions of volume {row['id']}, which does not list the image"
            continue
        masks = labels.masks_on(cut_of_row(row["id"], cuts[image["id"]]))
        for region in regions:
            cut = masks.get(region["volume_region"])
            if cut is None:
                yield place, f"region {region['id']}: its volume region has no voxel in this cut"
            elif fault := _differs(region, _as_released(cut, image)):
                yield place, f"region {region['id']}: {fault}"


def _as_released(cut: np.ndarray, image: Row) -> np.ndarray:
    """The cut in pixels of the picture: scaled as the row's step says, where the recipe caps sides."""
    for step in image["steps"]:
        if step["step"] == "scale":
            height, width = json.loads(step["parameters"])["size"]
            return nearest(cut, (width, height))
    return cut


def _differs(region: Row, cut: np.ndarray) -> str | None:
    """What is wrong with the mask of a slice. Lesions drawn as a class are split: parts must be whole."""
    import cv2
    from pycocotools import mask as coco

    if region["mask"] is None:
        return "a cut of a volume without a mask"
    mask = coco.decode(bytes_of(region["mask"])).astype(bool)
    if mask.shape != cut.shape:
        return f"mask {mask.shape}, the cut of the label volume {cut.shape}"
    if np.array_equal(mask, cut):
        return None
    if (mask & ~cut).any():
        return "the mask leaves the cut of the label volume"
    _, parts = cv2.connectedComponents(cut.astype(np.uint8), connectivity=8)
    touched = np.unique(parts[mask])
    if not np.array_equal(np.isin(parts, touched), mask):
        return "the mask is not whole parts of the cut of the label volume"
    return None
