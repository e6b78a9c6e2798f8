"""Gates of pixels, licences, masks and boxes."""

from dataclasses import replace

import numpy as np
import pytest
from pycocotools import mask as coco

from quality.judging import judge_image, judge_region
from schemas.image import Image
from schemas.region import Region


def picture(**fields: object) -> Image:
    row: dict[str, object] = {
        "id": "i", "image": {"bytes": None, "path": None}, "width": 40, "height": 30, "modality": "US", "anatomy": None,
        "source": "s", "item": "a", "patient_key": "p", "study_key": None, "frame": None, "plane": None, "spacing_mm": None,
        "orientation": None, "pixel_sha256": "0", "phash": "0", "license": "CC-BY-4.0", "split": "train",
    }  # fmt: skip
    return Image(**(row | fields))  # type: ignore[arg-type]


NOISE = np.random.default_rng(3).integers(0, 255, (30, 40), dtype=np.uint8)


def failed(image: Image, pixels: np.ndarray | None, **options: object) -> dict[str, str | None]:
    known = {"smallest_side": 28, "allowed_licenses": ["CC-BY-4.0", "CC0-1.0"]}
    verdicts = judge_image(image, pixels, **(known | options))  # type: ignore[arg-type]
    return {v.gate: v.reason for v in verdicts if not v.passed}


def test_a_good_image_passes() -> None:
    assert failed(picture(), NOISE) == {}
    assert failed(picture(license="cc-by-4.0"), np.stack([NOISE] * 3, axis=2)) == {}


def speck() -> np.ndarray:
    """One bright pixel of 1200: a spread of grey values, and nothing to see."""
    pixels = np.zeros((30, 40), np.uint8)
    pixels[7, 9] = 255
    return pixels


@pytest.mark.parametrize("pixels", [np.full((30, 40), 90, np.uint8), speck(), None])
def test_a_picture_that_shows_nothing_is_blank(pixels: np.ndarray | None) -> None:
    assert failed(picture(), pixels) == {"blank": "image_blank"}


def test_a_dark_picture_with_structure_is_not_blank() -> None:
    assert failed(picture(), NOISE // 40) == {}


@pytest.mark.parametrize(
    ("fields", "options", "expected"),
    [
        ({"height": 27}, {}, {"tiny": "image_tiny"}),
        ({"width": 27}, {}, {"tiny": "image_tiny"}),
        ({}, {"smallest_side": 31}, {"tiny": "image_tiny"}),
        ({"license": "CC-BY-NC-4.0"}, {}, {"license": "license_not_allowed"}),
        ({"license": "unknown"}, {}, {"license": "license_unknown"}),
        ({"license": ""}, {"allowed_licenses": [""]}, {"license": "license_unknown"}),
        ({"modality": "OT"}, {}, {"modality_known": "modality_unknown"}),
        ({"modality": "XX"}, {}, {"modality_known": "modality_unknown"}),
    ],
)
def test_image_gates(
    fields: dict[str, object], options: dict[str, object], expected: dict[str, str]
) -> None:
    assert failed(picture(**fields), NOISE, **options) == expected


# -- regions


def masked() -> Region:
    """A 5 x 3 bar at columns 10 to 14, rows 4 to 6 of a 40 x 30 image."""
    mask = np.zeros((30, 40), np.uint8)
    mask[4:7, 10:15] = 1
    code = coco.encode(np.asfortranarray(mask))
    return Region(
        id="r", label="mass", kind="lesion", box=[10, 4, 15, 7], mask={"size": [30, 40], "counts":
        code["counts"].decode()}, area_fraction=15 / 1200, position="upper left", side="unknown",
        extent_mm=None, parent=None, producer="annotation:s@1", score=None, source_label="m", mapped=True,
    )  # fmt: skip


def faults(region: Region, **options: int) -> dict[str, str | None]:
    return {v.gate: v.reason for v in judge_region(region, 40, 30, **options) if not v.passed}


def test_a_good_region_passes() -> None:
    assert faults(masked()) == {}
    assert faults(replace(masked(), mask=None)) == {}


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"box": [4, 10, 7, 15]}, {"mask_box": "mask_box_disagree"}),  # axes exchanged
        ({"box": [10, 4, 14, 6]}, {"mask_box": "mask_box_disagree"}),  # inclusive edges
        ({"area_fraction": 15 / 12000}, {"region_area": "mask_box_disagree"}),
        ({"mask": None, "box": [36, 4, 41, 7]}, {"region_box": "box_outside_image"}),
        ({"mask": None, "box": [15, 4, 10, 7], "area_fraction": 0.0},
         {"region_size": "region_tiny", "region_box": "box_invalid"}),
        ({"mask": None, "box": [10, 4, 12, 7], "area_fraction": 6 / 1200}, {"region_size": "region_tiny"}),
    ],
)  # fmt: skip
def test_region_gates(fields: dict[str, object], expected: dict[str, str]) -> None:
    assert faults(replace(masked(), **fields)) == expected


def test_size_counts_pixels_of_the_mask_and_not_of_the_box() -> None:
    assert faults(masked(), smallest_px=15) == {}
    assert faults(masked(), smallest_px=16) == {"region_size": "region_tiny"}


def test_a_mask_of_another_size_or_without_pixels() -> None:
    turned = replace(masked(), mask={"size": [40, 30], "counts": masked().mask["counts"]})  # type: ignore[index]
    assert faults(turned)["mask_box"] == "mask_size_differs"
    empty = coco.encode(np.asfortranarray(np.zeros((30, 40), np.uint8)))
    hollow = replace(masked(), mask={"size": [30, 40], "counts": empty["counts"].decode()})
    assert faults(hollow)["mask_box"] == "mask_empty"
