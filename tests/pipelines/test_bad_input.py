"""Bad files cost themselves: each has a reason of its own, and the good ones come out unchanged."""

import shutil
from pathlib import Path

import cv2
import numpy as np
import pyarrow.parquet as pq
import pytest

from pipelines.build import Order, build
from pipelines.engines.inline import InlineEngine
from pipelines.progress import Progress
from pipelines.recipe import Recipe
from pipelines.summary import read_rejects

MASKS = """
name: masks
version: "1"
title: Pictures with masks
home: https://example.org/masks
license: CC0-1.0
citation: none
folder: masks
modality: US
anatomy: breast
split_of_origin: none stated
known_issues: []
images: [{glob: "images/*.png"}]
annotations:
  - reader: mask
    file: "masks/{stem}.png"
    colors: {"#ff0000": mass}
    labels: {mass: benign breast lesion}
"""

BOXES = """
name: boxes
version: "1"
title: Pictures with boxes in a table
home: https://example.org/boxes
license: CC0-1.0
citation: none
folder: boxes
modality: CR
anatomy: chest
split_of_origin: none stated
known_issues: []
images: [{glob: "*.png"}]
tables:
  boxes: {path: boxes.csv, key: "{file}", match: "{file}", rows: many}
annotations:
  - reader: boxes
    table: boxes
    box: ["{x}", "{y}", "{w}", "{h}"]
    convention: xywh
    label: "{label}"
    labels: {opacity: consolidation}
"""


def picture(seed: int, side: int = 96) -> np.ndarray:
    """Noise over a gradient: no two are alike, none is blank."""
    rng = np.random.default_rng(seed)
    ramp = np.linspace(20, 180, side)[None, :] + np.zeros((side, 1))
    return np.clip(ramp + rng.normal(0, 12, (side, side)), 0, 255).astype(np.uint8)


def mask(
    side: int = 96, *, box: tuple[int, int, int, int] = (20, 30, 60, 50), bgr=(0, 0, 255)
) -> np.ndarray:
    drawn = np.zeros((side, side, 3), np.uint8)
    x0, y0, x1, y1 = box
    drawn[y0:y1, x0:x1] = bgr
    return drawn


def put(path: Path, pixels: np.ndarray) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    cv2.imwrite(str(path), pixels)


def write_good(root: Path) -> None:
    for n in range(3):
        put(root / "masks" / "images" / f"good{n}.png", picture(n))
        put(root / "masks" / "masks" / f"good{n}.png", mask(box=(10 + n, 30, 60, 50 + n)))
    put(root / "boxes" / "good.png", picture(50))
    (root / "masks.yaml").write_text(MASKS)
    (root / "boxes.yaml").write_text(BOXES)
    (root / "boxes" / "boxes.csv").write_text("file,x,y,w,h,label\ngood.png,10,20,30,15,opacity\n")


def write_bad(root: Path) -> None:
    images, masks = root / "masks" / "images", root / "masks" / "masks"
    for n, name in enumerate(
        ("no-mask", "other-size", "empty-mask", "odd-colour", "twin-of-good0"), start=10
    ):
        put(images / f"{name}.png", picture(n))
    put(masks / "other-size.png", mask(side=64))
    put(masks / "empty-mask.png", mask(bgr=(0, 0, 0)))
    put(masks / "odd-colour.png", mask(bgr=(255, 0, 0)))
    shutil.copy(images / "good0.png", images / "twin-of-good0.png")
    put(masks / "twin-of-good0.png", mask())
    put(images / "blank.png", np.full((96, 96), 7, np.uint8))
    put(masks / "blank.png", mask())
    put(images / "tiny.png", picture(20, side=16))
    put(masks / "tiny.png", mask(side=16, box=(2, 2, 9, 9)))
    (images / "text.png").write_text("this is no picture")
    whole = (images / "good1.png").read_bytes()
    (images / "cut.png").write_bytes(whole[: len(whole) // 2])
    put(root / "boxes" / "outside.png", picture(51))
    with (root / "boxes" / "boxes.csv").open("a") as table:
        table.write("outside.png,200,200,30,30,opacity\nabsent.png,1,1,5,5,opacity\n")


def run(root: Path, out: Path):
    recipe = Recipe.model_validate({"name": "bad", "sources": ["masks.yaml", "boxes.yaml"]})
    return build(Order(recipe, root, out, root), InlineEngine(1), Progress(out, quiet=True))


@pytest.fixture(scope="module")
def spoiled(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """(the build of good files alone, the build with bad ones among them)."""
    root = tmp_path_factory.mktemp("data")
    write_good(root)
    clean = tmp_path_factory.mktemp("clean")
    run(root, clean)
    write_bad(root)
    mixed = tmp_path_factory.mktemp("mixed")
    run(root, mixed)
    return clean, mixed


@pytest.mark.parametrize(
    ("item", "reason", "image_stays"),
    [
        ("images/no-mask", "annotation_absent", True),
        ("images/other-size", "mask_size_differs", True),
        ("images/empty-mask", "mask_empty", True),
        ("images/odd-colour", "mask_value_undeclared", True),
        ("images/twin-of-good0", "duplicate_pixels", False),
        ("images/blank", "image_blank", False),
        ("images/tiny", "image_tiny", False),
        ("images/text", "not_this_format", False),
        ("images/cut", "truncated", False),
        ("outside", "box_outside_image", True),
        ("absent.png", "reference_unknown", False),
    ],
)
def test_each_fault_has_its_reason(
    spoiled: tuple[Path, Path], item: str, reason: str, image_stays: bool
) -> None:
    _, mixed = spoiled
    assert (item, reason) in {(r["item"], r["reason"]) for r in read_rejects(mixed)}
    assert (item in {row["item"] for row in images(mixed)}) is image_stays


def test_good_items_do_not_change(spoiled: tuple[Path, Path]) -> None:
    clean, mixed = spoiled
    wanted = {row["id"]: row for row in images(clean)}
    found = {row["id"]: row for row in images(mixed) if row["id"] in wanted}
    assert len(wanted) == 4
    assert found == wanted


def images(out: Path) -> list[dict]:
    paths = sorted((out / "corpus" / "data" / "triplets").glob("*.parquet"))
    return [row for path in paths for row in pq.read_table(path).to_pylist()]


@pytest.mark.samples
def test_malformed_dicom_files_have_reasons_of_their_own(samples: Path, tmp_path: Path) -> None:
    names = (
        "JPEG2000-embedded-sequence-delimiter",
        "JPEG-lossy",
        "meta_missing_tsyntax",
        "nested_priv_SQ",
    )
    folder = tmp_path / "pydicom_testfiles"
    folder.mkdir()
    for name in (*names, "CT_small"):
        shutil.copy(samples / "pydicom_testfiles" / f"{name}.dcm", folder)
    recipe = Recipe.model_validate({"name": "dicom", "sources": ["pydicom-testfiles"]})
    out = tmp_path / "out"
    summary = build(
        Order(recipe, tmp_path, out, tmp_path), InlineEngine(1), Progress(out, quiet=True)
    )
    reasons = [r["reason"] for r in read_rejects(out)]
    assert summary.items == 5
    assert summary.images == 1
    assert len(reasons) == len(set(reasons)) == 4, reasons
