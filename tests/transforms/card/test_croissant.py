"""croissant.json against mlcroissant, which also reads records back through it."""

import hashlib
import io
import json
import warnings
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from PIL import Image

mlcroissant = pytest.importorskip("mlcroissant")


@pytest.fixture(scope="module")
def described(corpus: Path) -> object:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return mlcroissant.Dataset(str(corpus / "croissant.json"))


def test_it_is_valid_and_named(described: object) -> None:
    metadata = described.metadata
    assert not metadata.ctx.issues.errors
    assert [str(w) for w in metadata.ctx.issues.warnings if "datePublished" not in str(w)] == []
    assert metadata.name == "small"
    assert "Drawn | for tests" in metadata.cite_as


@pytest.mark.parametrize("config", ["images", "triplets", "vqa", "conversations"])
def test_records_equal_the_rows(described: object, corpus: Path, config: str) -> None:
    rows = {}
    for path in sorted((corpus / "data" / config).glob("*.parquet")):
        rows |= {row["id"]: row for row in pq.read_table(path).to_pylist()}
    records = list(described.records(config))
    assert len(records) == len(rows)
    for record in records:
        row = rows[record[f"{config}/id"].decode()]
        assert record[f"{config}/split"].decode() == row["split"]
        assert record[f"{config}/image"].size == size_of(row["image"])
        if config == "vqa":
            further = [picture.size for picture in record["vqa/more_images"] or []]
            assert further == [size_of(picture) for picture in row["more_images"]]
        if config == "conversations":
            roles = [
                turn["conversations/turns/role"].decode() for turn in record["conversations/turns"]
            ]
            assert roles == [turn["role"] for turn in row["turns"]]
        if config == "triplets":
            boxes = [r["triplets/regions/box"] for r in record["triplets/regions"]]
            assert boxes == [r["box"] for r in row["regions"]]
            facts = [f["triplets/facts/id"].decode() for f in record["triplets/facts"]]
            assert facts == [f["id"] for f in row["facts"]]


def size_of(picture: dict) -> tuple[int, int]:
    return Image.open(io.BytesIO(picture["bytes"])).size


def test_sizes_and_digests_are_those_of_the_files(corpus: Path) -> None:
    told = json.loads((corpus / "croissant.json").read_text("utf-8"))
    files = [f for f in told["distribution"] if f["@type"] == "cr:FileObject"]
    assert len(files) == 9
    for file in files:
        data = (corpus / file["contentUrl"]).read_bytes()
        assert hashlib.sha256(data).hexdigest() == file["sha256"]
        assert file["contentSize"] == f"{len(data)} B"
