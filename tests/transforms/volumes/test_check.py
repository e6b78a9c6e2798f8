"""Faults planted in the row of a volume are found by measuring the label volume again."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from schemas.conform import plain
from schemas.volume import VolumeRow
from transforms.formats.structures import Structure
from transforms.formats.volume import Whole
from transforms.volumes.check import check_row
from transforms.volumes.codec import decode, encode
from transforms.volumes.derive import Labels
from transforms.volumes.rows import Terms, fill_row

SHAPE, SPACING = (9, 14, 20), (5.0, 1.5, 0.75)
AFFINE = np.array([[0, 0, 0.75, -7], [0, 1.5, 0, 11], [5, 0, 0, 3], [0, 0, 0, 1.0]])


@pytest.fixture
def row(shape_of: Callable[..., Structure], bars: np.ndarray) -> dict[str, Any]:
    """A lung with a nodule in it and bars through both: two layers."""
    lung, nodule = np.zeros(SHAPE, bool), np.zeros(SHAPE, bool)
    lung[1:8, 1:13, 1:12] = True
    nodule[3:5, 4:8, 5:8] = True
    drawn = [("right lung", lung), ("pulmonary nodule", nodule), ("aorta", bars)]
    made = VolumeRow(
        "vol-1", "volume", "s", "i", "", "CT", "chest", "p", None, "CC0-1.0", "", list(SHAPE)
    )
    whole = Whole("", SHAPE, AFFINE, SPACING, "CT", None, (), None)
    structures = [shape_of(mask, label) for label, mask in drawn]
    fill_row(made, whole, structures, Terms("annotation:s@1", {}, frozenset()))
    made.images = [{"image_id": "img-1"}]
    return plain(made) | {"regions": plain(made.regions)}


def faults(row: dict[str, Any]) -> list[str]:
    labels = Labels(row["label_volume"], row["labels"])
    return list(check_row(row, labels, [decode(data) for data in row["label_volume"]]))


def test_a_sound_row_has_no_fault(row: dict[str, Any]) -> None:
    assert len(row["label_volume"]) == 2
    assert faults(row) == []


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("voxels", 7),
        ("volume_ml", 1.25),
        ("extent_mm", [10.0, 6.0, 3.0]),
        ("longest_mm", 3.0),
        ("slices", [3, 6]),
        ("columns", [4, 8]),
        ("centroid", [3.5, 6.5, 5.5]),
        ("truncated", True),
        ("parent", "vreg-none"),
    ],
)
def test_a_wrong_measure_is_found(row: dict[str, Any], name: str, value: object) -> None:
    region = row["regions"][1]
    region[name] = value
    (fault,) = faults(row)
    assert region["id"] in fault
    assert name in fault


def test_a_moved_voxel_is_found(row: dict[str, Any]) -> None:
    grid = decode(row["label_volume"][1])
    values = grid.values.copy()
    values[3, 4, 5], values[8, 0, 0] = 0, 1
    row["label_volume"][1] = encode(values, AFFINE, SPACING)
    found = " ".join(faults(row))
    for name in ("extent_mm", "slices", "centroid", "truncated"):
        assert f"{name} is" in found
    assert "voxels is" not in found


def test_a_label_file_that_lies_elsewhere_is_found(row: dict[str, Any]) -> None:
    moved = AFFINE.copy()
    moved[0, 3] += 0.75
    values = decode(row["label_volume"][0]).values
    row["label_volume"][0] = encode(values, moved, SPACING)
    assert faults(row) == ["layer 0 lies elsewhere than the volume"]
    row["label_volume"][0] = encode(np.ascontiguousarray(values[:-1]), AFFINE, SPACING)
    assert faults(row) == ["layer 0 is (8, 14, 20), the volume (9, 14, 20)"]


def test_labels_name_every_value_once(row: dict[str, Any]) -> None:
    swapped = dict(row["labels"][1], value=3)
    row["labels"][1] = swapped
    found = faults(row)
    assert "values [(1, 1), (1, 3)] (layer, value) are in labels or voxels alone" in found
    assert any("no voxel carries its label" in fault for fault in found)
    row["labels"].pop()
    assert any("do not name the same regions" in fault for fault in faults(row))


def test_stacks_name_images_of_the_volume(row: dict[str, Any]) -> None:
    stack = {"center": 4, "indices": [3, 4, 5], "image_ids": [None, "img-1", "img-2"]}
    row["stacks"] = [stack]
    assert faults(row) == ["a stack names images ['img-2'] that are not of this volume"]
    row["stacks"] = [stack | {"image_ids": [None, "img-1", None], "center": 7}]
    assert faults(row) == ["a stack whose indices and images do not match"]
    row["images"] = []
    assert "no image of the corpus is cut from it" in faults(row)
