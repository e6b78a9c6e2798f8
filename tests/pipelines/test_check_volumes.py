"""Config `volumes` of a built corpus: loads, agrees with its slices; what is planted is found."""

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from pipelines.check_volumes import check_volumes
from pipelines.demo.volumes import CT_MM
from pipelines.trace import trace

Rows = list[dict[str, Any]]


def read(corpus: Path, config: str) -> Rows:
    return [
        row
        for path in sorted((corpus / "data" / config).glob("*.parquet"))
        for row in pq.read_table(path).to_pylist()
    ]


@pytest.fixture
def corpus(built: Path, tmp_path: Path) -> Path:
    """A copy of the corpus that a test may damage."""
    return Path(shutil.copytree(built / "corpus", tmp_path / "corpus"))


def problems(corpus: Path) -> list[tuple[str, str]]:
    paths = sorted((corpus / "data/images").glob("*.parquet"))
    images = pa.concat_tables([pq.read_table(p, columns=["id", "volume_id"]) for p in paths])
    return list(check_volumes(corpus, images))


def damage(corpus: Path, config: str, change: Callable[[dict[str, Any]], bool]) -> None:
    """Apply `change` to rows until it says that it changed one."""
    for path in sorted((corpus / "data" / config).glob("*.parquet")):
        table = pq.read_table(path)
        rows = table.to_pylist()
        if any(change(row) for row in rows):
            pq.write_table(pa.Table.from_pylist(rows, schema=table.schema), path)
            return
    raise AssertionError("nothing was damaged")


def test_every_slice_has_its_volume(built: Path) -> None:
    corpus = built / "corpus"
    assert problems(corpus) == []
    volumes, images = read(corpus, "volumes"), read(corpus, "images")
    assert len(volumes) == 4
    of = {row["id"]: row["volume_id"] for row in images}
    for row in volumes:
        assert {of[e["image_id"]] for e in row["images"]} == {row["id"]}
        assert row["split"] in {i["split"] for i in images if i["volume_id"] == row["id"]}
        assert row["spacing_mm"] == list(CT_MM)
        nodules = [r for r in row["regions"] if r["label"] == "pulmonary nodule"]
        for nodule in nodules:
            assert nodule["anatomy_path"] == "chest/lung/right lung/pulmonary nodule"
            assert abs(nodule["hu"]["mean"] - 60) < 5
    assert all(row["volume_id"] is None for row in images if row["modality"] != "CT")
    slices = [r for t in read(corpus, "triplets") for r in t["regions"] if t["volume_id"]]
    assert all(r["volume_region"] for r in slices)


def test_volumes_load_from_the_hub_s_library(built: Path) -> None:
    from datasets import load_dataset

    from transforms.volumes.derive import Labels

    cache = str(built / "cache-volumes")
    loaded = load_dataset(str(built / "corpus"), "volumes", cache_dir=cache)
    row = next(iter(loaded.values()))[0]
    labels = Labels(row["label_volume"], row["labels"])
    region = row["regions"][0]
    assert int(labels.mask(region["id"]).sum()) == region["voxels"]
    shutil.rmtree(cache)


def test_trace_tells_the_volume(built: Path) -> None:
    row = read(built / "corpus", "volumes")[0]
    region = row["regions"][-1]
    found = trace(built, region["id"])["volume"]
    assert (found["id"], [r["id"] for r in found["regions"]]) == (row["id"], [region["id"]])
    image = row["images"][0]["image_id"]
    assert trace(built, image)["volume"]["id"] == row["id"]
    assert "label_volume" not in found


def test_a_mask_that_is_no_cut_is_found(corpus: Path) -> None:
    from pycocotools import mask as coco

    def shift(row: dict[str, Any]) -> bool:
        regions = [r for r in row["regions"] if r["volume_region"]]
        if not regions:
            return False
        code = regions[0]["mask"]
        mask = coco.decode({"size": code["size"], "counts": code["counts"].encode()})
        moved = coco.encode(np.asfortranarray(np.roll(mask, 1, axis=1)))
        regions[0]["mask"] = {"size": code["size"], "counts": moved["counts"].decode()}
        return True

    damage(corpus, "triplets", shift)
    ((place, what),) = problems(corpus)
    assert place.startswith("triplets img-")
    assert what.endswith("the mask leaves the cut of the label volume")


def test_half_of_a_mask_is_no_cut(corpus: Path) -> None:
    from pycocotools import mask as coco

    def halve(row: dict[str, Any]) -> bool:
        regions = [r for r in row["regions"] if r["volume_region"]]
        if not regions:
            return False
        code = regions[0]["mask"]
        mask = coco.decode({"size": code["size"], "counts": code["counts"].encode()})
        mask[: int(np.median(np.nonzero(mask)[0]))] = 0
        counts = coco.encode(np.asfortranarray(mask))["counts"].decode()
        regions[0]["mask"] = {"size": code["size"], "counts": counts}
        return True

    damage(corpus, "triplets", halve)
    ((_, what),) = problems(corpus)
    assert "the mask is not whole parts of the cut" in what


def test_references_that_lead_nowhere_are_found(corpus: Path) -> None:
    def lose(row: dict[str, Any]) -> bool:
        lost.append(row["images"].pop()["image_id"])
        return True

    lost: list[str] = []
    damage(corpus, "volumes", lose)
    found = dict(problems(corpus))
    assert "None lists it" in found[f"images {lost[0]}"]


def test_a_broken_label_file_is_found(corpus: Path) -> None:
    def cut_off(row: dict[str, Any]) -> bool:
        row["label_volume"][0] = row["label_volume"][0][:100]
        return True

    damage(corpus, "volumes", cut_off)
    assert any("no NIfTI label volume" in what for _, what in problems(corpus))


def test_a_volume_that_is_not_there_is_found(corpus: Path) -> None:
    def lose(row: dict[str, Any]) -> bool:
        row["id"] = "vol-elsewhere"
        return True

    damage(corpus, "volumes", lose)
    assert any("not in the corpus" in what for _, what in problems(corpus))
