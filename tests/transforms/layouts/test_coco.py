"""COCO: the same masks as pycocotools, and every broken reference told."""

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from pycocotools import mask as coco_mask
from pycocotools.coco import COCO

from schemas.reject import Fault
from transforms.formats.volume import Cut
from transforms.layouts.coco import coco_annotation, segmentation_mask
from transforms.layouts.listing import list_items
from transforms.layouts.reading import read_item

SHAPE = (40, 60)
BLOB = np.zeros(SHAPE, np.uint8, order="F")
BLOB[5:20, 30:33] = 1
BLOB[12, 20:50] = 1


def compressed() -> dict:
    rle = coco_mask.encode(BLOB)
    return {"size": rle["size"], "counts": rle["counts"].decode()}


def uncompressed() -> dict:
    runs, last = [0], 0
    for value in BLOB.flatten(order="F"):
        if value == last:
            runs[-1] += 1
        else:
            runs.append(1)
            last = value
    return {"size": list(SHAPE), "counts": runs}


@pytest.mark.parametrize("make", [compressed, uncompressed])
def test_rle(make: Callable[[], dict]) -> None:
    assert (segmentation_mask(make(), SHAPE) == BLOB.astype(bool)).all()


def content() -> dict:
    polygon = [[3.5, 4, 20, 4.5, 18, 25, 5, 20], [40, 30, 55, 30, 55, 38, 40, 38]]
    return {
        "images": [
            {"id": 7, "file_name": "a.png", "height": 40, "width": 60},
            {"id": 8, "file_name": "b.png", "height": 40, "width": 60},
        ],
        "categories": [{"id": 1, "name": "Right Lung"}, {"id": 4, "name": "blob"}],
        "annotations": [
            {"id": 1, "image_id": 7, "category_id": 1, "bbox": [2, 3, 10, 20], "segmentation": [],
             "iscrowd": 0, "area": 200},
            {"id": 2, "image_id": 7, "category_id": 4, "bbox": [0, 0, 1, 1], "segmentation": polygon,
             "iscrowd": 0, "area": 1},
            {"id": 3, "image_id": 7, "category_id": 4, "bbox": [0, 0, 1, 1],
             "segmentation": uncompressed(), "iscrowd": 1, "area": 1},
        ],
    }  # fmt: skip


YAML = """
images: [{glob: "*.png"}]
annotations:
  - {reader: coco, file: coco.json, labels: {Right Lung: right lung, blob: polyp}, complete: true}
"""


def read(root: Path, declaration: object, data: dict | str) -> tuple[list, list]:
    (root / "coco.json").write_text(data if isinstance(data, str) else json.dumps(data))
    listing = list_items(declaration, root)
    return listing, [list(read_item(i, declaration, root, Cut())) for i in listing.items]


def test_equals_pycocotools(root: Path, declare: Callable, picture: Callable) -> None:
    picture("a.png", SHAPE), picture("b.png", SHAPE)
    listing, (of_a, of_b) = read(root, declare(YAML), content())
    assert not listing.faults
    reference = COCO(str(root / "coco.json"))
    box, polygon, crowd = of_a[0].annotations
    assert (box.label, box.box, box.mask) == ("Right Lung", (2, 3, 12, 23), None)
    for annotation, mine in zip(reference.loadAnns([2, 3]), (polygon, crowd), strict=True):
        assert (reference.annToMask(annotation).astype(bool) == mine.mask).all()
    assert (polygon.instance, crowd.instance) == ("coco:2", None)
    assert of_a[0].complete == ["Right Lung", "blob"]
    assert (of_b[0].annotations, of_b[0].complete) == ([], ["Right Lung", "blob"])  # listed, empty


def test_broken_references_are_faults(root: Path, declare: Callable, picture: Callable) -> None:
    picture("a.png", SHAPE), picture("c.png", SHAPE)
    data = content()
    data["annotations"].append({"id": 9, "image_id": 99, "category_id": 1, "bbox": [1, 1, 2, 2]})
    data["annotations"].append({"id": 10, "image_id": 7, "category_id": 77, "bbox": [1, 1, 2, 2]})
    listing, (_, of_c) = read(root, declare(YAML), data)
    assert [(n, f.reason) for n, f in listing.faults] == [
        ("b.png", "file_absent"),
        ("coco.json#10", "reference_unknown"),
        ("coco.json#9", "reference_unknown"),
    ]
    assert [f.reason for f in of_c[1:]] == ["annotation_absent"]  # the file does not list c.png
    assert (of_c[0].complete, of_c[0].flags) == ([], ["annotation incomplete"])


@pytest.mark.parametrize("data", ["{", "[]", '{"images": 3}', "[[[[", '{"images": [{}, {}]}'])
def test_a_broken_file_is_a_fault(
    root: Path, declare: Callable, picture: Callable, data: str
) -> None:
    picture("a.png", SHAPE)
    listing, (pictures,) = read(root, declare(YAML), data)
    assert [f.reason for _, f in listing.faults] == ["annotation_malformed"]
    assert pictures[0].display.shape == SHAPE


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ({"height": 41, "width": 60, "bbox": [1, 1, 2, 2]}, "mask_size_differs"),
        ({"segmentation": {"size": [60, 40], "counts": [2400]}}, "mask_size_differs"),
        ({"segmentation": {"size": [40, 60], "counts": [5]}}, "annotation_malformed"),
        ({"segmentation": [[1, 2, 3, 4]]}, "annotation_malformed"),
        ({"segmentation": {"size": [40, 60], "counts": [2400]}}, "mask_empty"),
        ({"bbox": [1, 1, 2]}, "box_invalid"),
        ({"bbox": [50, 1, 20, 2]}, "box_outside_image"),
        ({"bbox": None}, "annotation_malformed"),
    ],
)
def test_bad_annotations_have_their_reason(row: dict, reason: str) -> None:
    with pytest.raises(Fault) as error:
        coco_annotation({"label": "x", "id": 1, **row}, SHAPE)
    assert (error.value.reason, error.value.scope) == (reason, "region")
