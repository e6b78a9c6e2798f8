"""A slide goes through a whole build: tiles with regions and text, its row, its refusals, no name."""

import json
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from pipelines.build import Order, build
from pipelines.engines.inline import InlineEngine
from pipelines.progress import Progress
from pipelines.recipe import Recipe
from tests.transforms.slides.phantoms import tissue_picture, write_aperio

pytest.importorskip("openslide")
DECLARATION = """
name: drawn-slides
version: "1"
title: Drawn slides
home: https://example.org
license: CC0-1.0
citation: Nobody 2024
folder: slides
modality: SM
anatomy: tissue section
split_of_origin: none stated
known_issues: []
images: [{glob: "*.svs", format: slide}]
columns: {stain: H&E}
slide: {tile: 256, least_tissue: 0.9}
annotations:
  - {reader: geojson, file: "{stem}.geojson", labels: {Nucleus: nucleus}, optional: true}
"""


@pytest.fixture(scope="module")
def out(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("slides")
    (folder / "slides").mkdir()
    (folder / "drawn.yaml").write_text(DECLARATION)
    write_aperio(folder / "slides" / "a.svs", tissue_picture(512, 1024))
    write_aperio(folder / "slides" / "b.svs", tissue_picture(512, 1024), mpp=None)
    (folder / "slides" / "c.svs").write_bytes(b"no slide")
    ring = [(600, 100), (640, 100), (640, 120), (600, 120), (600, 100)]
    feature = {
        "type": "Feature",
        "geometry": {"type": "Polygon", "coordinates": [ring]},
        "properties": {"classification": {"name": "Nucleus"}},
    }
    (folder / "slides" / "a.geojson").write_text(json.dumps([feature]))
    recipe = Recipe.model_validate(
        {"name": "slides", "sources": [{"use": "drawn.yaml", "cut": {"most_tiles": 3}}]}
    )
    out = folder / "out"
    build(Order(recipe, folder, out, folder), InlineEngine(1), Progress(out, quiet=True))
    return out


def rows(out: Path, config: str) -> list[dict]:
    found = sorted((out / "corpus" / "data" / config).glob("*.parquet"))
    return [row for path in found for row in pq.read_table(path).to_pylist()]


def test_tiles_with_regions_and_text(out: Path) -> None:
    tiles = rows(out, "triplets")
    assert len(tiles) == 3
    (drawn,) = [tile for tile in tiles if tile["regions"]]
    (region,) = drawn["regions"]
    assert (region["label"], region["area_fraction"]) == ("nucleus", 40 * 20 / 256**2)
    assert region["extent_mm"] == pytest.approx([0.0222, 0.0111], rel=0.03)  # 40 x 20 px of 0.5 µm
    assert drawn["spacing_mm"] == [0.0005, 0.0005]
    assert all("H&E" in tile["description"] for tile in tiles)


def test_the_slide_is_a_row_that_its_tiles_name(out: Path) -> None:
    (slide,) = rows(out, "volumes")
    assert (slide["kind"], slide["mpp"], slide["magnification"]) == ("slide", [0.5, 0.5], 20.0)
    assert slide["vendor"] == "aperio"
    assert [level["width"] for level in slide["levels"]] == [1024, 256]
    assert {tile["volume_id"] for tile in rows(out, "images")} == {slide["id"]}
    assert len(slide["images"]) == 3


def test_refusals(out: Path) -> None:
    found = [
        row
        for p in (out / "run" / "rejects").glob("*.parquet")
        for row in pq.read_table(p).to_pylist()
    ]
    read = sorted((r["item"], r["scope"], r["reason"]) for r in found if r["phase"] == "ingest")
    assert read == [
        ("a", "tile", "tile_background"),
        ("b", "image", "mpp_missing"),
        ("c", "image", "not_this_format"),
    ]


def test_no_name_of_the_file_leaves_ingest(out: Path) -> None:
    """The slide's own text holds "Filename = JOHN DOE|User = doe"."""
    files = [p for p in out.rglob("*") if p.is_file()]
    assert files
    for path in files:
        content = path.read_bytes()
        if path.suffix == ".parquet":
            content = str(pq.read_table(path).to_pylist()).encode()
        assert b"JOHN DOE" not in content, path
        assert b"User = " not in content, path
