"""COCO json: checked and handed out to the items once, decoded per picture later."""

import json
from pathlib import Path
from typing import Any

import numpy as np

from schemas.declaration.annotations import Coco
from schemas.declaration.value import fill
from schemas.reject import Fault
from transforms.layouts.boxes import half_open
from transforms.layouts.item import Item
from transforms.layouts.paths import Tree, confine
from transforms.picture import Annotation

LARGEST_BYTES = 2_000_000_000
Faults = list[tuple[str, Fault]]


def read_coco(
    reader: Coco, role: str, items: dict[str, Item], tree: Tree
) -> tuple[dict[str, Item], Faults]:
    """Items with their annotations of one COCO file as rows, and the faults of references.

    A row is {label, bbox, segmentation, iscrowd, id, width, height}. Faults: an image entry without
    item (file_absent), an annotation of an unknown image or category (reference_unknown), an id
    used twice (annotation_malformed). An item that the file does not list gets no rows at all, one
    it lists gets a list, empty where nothing is annotated.
    """
    faults: Faults = []
    by_key = {key: name for name, i in items.items() if (key := fill(reader.match, i.columns))}
    rows: dict[str, list[dict[str, Any]]] = {}
    for path in tree.find([reader.file]) or [reader.file]:
        try:
            content = load_json(confine(tree.root, path))
            _hand_out(content, by_key, rows, faults, path)
        except Fault as fault:
            faults.append((path, fault))
    wanted = {n for n, i in items.items() if reader.concerns(i.columns)}
    changed = {
        n: Item(i.name, i.kind, i.files, i.columns, {**i.rows, role: rows[n]}, i.bytes)
        for n, i in items.items()
        if n in rows and n in wanted
    }
    return {**items, **changed}, faults


def load_json(path: Path) -> Any:
    """The content of a JSON file. Raises Fault file_absent, too_large, annotation_malformed."""
    if not path.is_file():
        raise Fault("file_absent", "the annotation file is not there", "region")
    if path.stat().st_size > LARGEST_BYTES:
        raise Fault("too_large", f"an annotation file of more than {LARGEST_BYTES} bytes", "region")
    try:
        return json.loads(path.read_bytes())
    except (ValueError, RecursionError):
        raise Fault("annotation_malformed", "not JSON", "region") from None


def _hand_out(
    content: Any,
    by_key: dict[str, str],
    rows: dict[str, list[dict[str, Any]]],
    faults: Faults,
    path: str,
) -> None:
    """Put the annotations of one file into `rows` by item, and broken references into `faults`."""
    images, categories = _unique(content, "images"), _unique(content, "categories")
    for image in images.values():
        file = str(image.get("file_name"))
        if file in by_key:
            rows.setdefault(by_key[file], [])
        else:
            faults.append(
                (file, Fault("file_absent", "an image entry of the COCO file has no image"))
            )
    for number, annotation in enumerate(_list(content, "annotations")):
        entry = images.get(_key(annotation.get("image_id")))
        category = categories.get(_key(annotation.get("category_id")))
        if entry is None or category is None:
            what = "image" if entry is None else "category"
            fault = Fault("reference_unknown", f"refers to an unknown {what}", "region")
            faults.append((f"{path}#{annotation.get('id', number)}", fault))
            continue
        name = by_key.get(str(entry.get("file_name")))
        if name is not None:
            kept = {
                k: annotation.get(k) for k in ("id", "bbox", "segmentation", "iscrowd", "score")
            }
            size = {k: entry.get(k) for k in ("width", "height")}
            rows[name].append({"label": str(category.get("name")), **kept, **size})


def _list(content: Any, key: str) -> list[dict[str, Any]]:
    found = content.get(key) if isinstance(content, dict) else None
    if not isinstance(found, list) or not all(isinstance(e, dict) for e in found):
        raise Fault("annotation_malformed", f"no list of objects {key!r}", "region")
    return found


def _unique(content: Any, key: str) -> dict[str, dict[str, Any]]:
    entries = _list(content, key)
    by_id = {_key(e.get("id")): e for e in entries}
    if len(by_id) != len(entries):
        raise Fault("annotation_malformed", f"an id of {key!r} stands twice", "region")
    return by_id


def _key(value: Any) -> str:
    return f"{value:g}" if isinstance(value, float) else str(value)


def coco_annotation(row: dict[str, Any], shape: tuple[int, int]) -> Annotation:
    """One COCO annotation on an image [H, W]: its mask where it has one, else its box.

    Raises Fault: mask_size_differs where the entry or the RLE states another size,
    annotation_malformed, mask_empty, box_* as `half_open` does.
    """
    height, width = shape
    stated = (row.get("height"), row.get("width"))
    if None not in stated and stated != (height, width):
        raise Fault(
            "mask_size_differs",
            f"entry {stated[1]} x {stated[0]}, image {width} x {height}",
            "region",
        )
    score = row.get("score")
    common = {
        "label": row["label"],
        "instance": None if row.get("iscrowd") else f"coco:{row.get('id')}",
        "score": float(score) if isinstance(score, int | float) else None,
    }
    segmentation = row.get("segmentation")
    if segmentation:
        mask = segmentation_mask(segmentation, shape)
        if not mask.any():
            raise Fault("mask_empty", "the segmentation marks no pixel", "region")
        return Annotation(mask=mask, **common)
    box = row.get("bbox")
    if not isinstance(box, list) or not all(isinstance(n, int | float) for n in box):
        raise Fault("annotation_malformed", "neither segmentation nor bbox", "region")
    return Annotation(box=half_open(tuple(map(float, box)), "xywh", width, height), **common)


def segmentation_mask(segmentation: Any, shape: tuple[int, int]) -> np.ndarray:
    """[H, W] bool of COCO polygons, uncompressed RLE or compressed RLE (pycocotools decodes)."""
    from pycocotools import mask as coco_mask

    height, width = shape
    try:
        if isinstance(segmentation, list):
            parts = segmentation if isinstance(segmentation[0], list) else [segmentation]
            if any(len(p) < 6 or len(p) % 2 for p in parts):
                raise Fault(
                    "annotation_malformed", "a polygon of fewer than three points", "region"
                )
            rle = coco_mask.merge(coco_mask.frPyObjects(parts, height, width))
        else:
            if list(segmentation["size"]) != [height, width]:
                raise Fault("mask_size_differs", f"RLE of {segmentation['size']}", "region")
            rle = segmentation
            if isinstance(rle["counts"], list):
                if sum(rle["counts"]) != height * width:
                    raise Fault(
                        "annotation_malformed", "RLE counts do not fill the image", "region"
                    )
                rle = coco_mask.frPyObjects(rle, height, width)
        return coco_mask.decode(rle).astype(bool)
    except (KeyError, TypeError, ValueError, IndexError, AttributeError):
        raise Fault(
            "annotation_malformed", "a segmentation that is no polygon and no RLE", "region"
        ) from None
