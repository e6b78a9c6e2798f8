"""A build's volumes as DICOM segmentations: what is written, the same twice, and what is refused."""

import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import nibabel
import numpy as np
import pyarrow.parquet as pq
import pytest
from pydicom import dcmread
from typer.testing import CliRunner

from pipelines.build import Order, build
from pipelines.cli import app
from pipelines.commit import sha256_of
from pipelines.engines.inline import InlineEngine
from pipelines.progress import Progress
from pipelines.recipe import Recipe
from transforms.dicom_seg.read import canonical_grid, read_regions, stack_of
from transforms.volumes.codec import decode

pytest.importorskip("highdicom", reason="needs the extra `dicom`")
NAME = "phantom-chest-ct"
TAKEN_IN = """
name: taken-in
version: "1"
title: What an export wrote
home: https://example.org/export
license: CC0-1.0
citation: none
folder: "."
modality: CT
anatomy: chest
split_of_origin: none stated
known_issues: []
images: [{glob: "**/*.dcm", format: dicom}]
columns: {patient: "{PatientID}"}
annotations:
  - reader: dicom-objects
    by: expert
    labels: {left lung: left lung, right lung: right lung, heart: heart, pulmonary nodule: pulmonary nodule}
"""


@pytest.fixture
def corpus(built: Path, phantoms: Path) -> tuple[Path, Path]:
    """(OUT, data root) of CT phantoms in which a nodule overlaps the lung; other sources lie beside."""
    return built, phantoms


def all_rows(out: Path) -> list[dict[str, Any]]:
    return [
        row
        for path in sorted((out / "corpus" / "data" / "volumes").glob("*.parquet"))
        for row in pq.read_table(path).to_pylist()
    ]


def rows_of(out: Path) -> list[dict[str, Any]]:
    """Volumes that have a region."""
    return [row for row in all_rows(out) if row["regions"]]


def export(out: Path, root: Path, folder: Path, *more: str) -> Any:
    words = ["export", str(out), "--seg", str(folder), "--data-root", str(root), *more]
    return CliRunner().invoke(app, words, catch_exceptions=False)


def lines_of(folder: Path) -> Iterator[dict[str, Any]]:
    for line in (folder / "index.jsonl").read_text("utf-8").splitlines():
        yield json.loads(line)


def test_every_region_comes_back(corpus: tuple[Path, Path], tmp_path: Path) -> None:
    out, root = corpus
    done = export(out, root, tmp_path)
    assert done.exit_code == 0, done.output
    rows = {row["id"]: row for row in rows_of(out)}
    told = list(lines_of(tmp_path))
    assert {line["volume_id"] for line in told} == {row["id"] for row in all_rows(out)}
    lines = [line for line in told if line.get("reason") != "mask_empty"]
    assert {line["volume_id"] for line in lines} == set(rows)
    overlapping = 0
    for line in lines:
        row = rows[line["volume_id"]]
        folder = tmp_path / NAME / row["id"]
        stack = stack_of(sorted((folder / "images").iterdir()))
        found = {i.tracking: i for i in read_regions(_paths(tmp_path, line), stack)}
        shape, affine = canonical_grid(stack)
        assert np.allclose(affine, np.array(row["affine"]).reshape(4, 4), atol=1e-5)
        assert set(found) == {r["id"] for r in row["regions"]}
        layers = [decode(data).values for data in row["label_volume"]]
        overlapping += len(layers) > 1
        for label in row["labels"]:
            one = found[label["region_id"]].structure
            full = np.zeros(shape, bool)
            full[tuple(slice(a, a + n) for a, n in zip(one.start, one.mask.shape, strict=True))] = one.mask  # fmt: skip
            assert np.array_equal(full, layers[label["layer"]] == label["value"])
        types = {s["type"] for s in line["segmentations"]}
        assert types == ({"BINARY"} if len(layers) > 1 else {"LABELMAP"})
    assert overlapping


def test_the_images_are_those_of_the_source(corpus: tuple[Path, Path], tmp_path: Path) -> None:
    out, root = corpus
    row = rows_of(out)[0]
    assert export(out, root, tmp_path, "--volume", row["id"]).exit_code == 0
    (line,) = lines_of(tmp_path)
    assert line["derived_images"] == row["shape"][0]
    item = nibabel.load(root / NAME / row["item"].split("/")[0] / "ct.nii.gz")
    paths = sorted((tmp_path / NAME / row["id"] / "images").iterdir())
    for index in (0, 7):
        ds = dcmread(paths[index])
        read = ds.pixel_array * float(ds.RescaleSlope) + float(ds.RescaleIntercept)
        place = np.array([*ds.ImagePositionPatient, 1.0]) * [-1, -1, 1, 1]  # to RAS
        i, j, k = np.rint(np.linalg.solve(item.affine, place)[:3]).astype(int)
        assert read[0, 0] == item.dataobj[i, j, k]
        assert ds.PatientID == row["patient_key"]
        assert (ds.Modality, ds.RescaleType) == ("CT", "HU")


def test_the_same_bytes_again_and_the_date_asked_for(
    corpus: tuple[Path, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out, root = corpus
    digests = []
    for name in ("a", "b"):
        assert export(out, root, tmp_path / name).exit_code == 0
        files = sorted(p for p in (tmp_path / name).rglob("*") if p.is_file())
        digests.append({p.relative_to(tmp_path / name): sha256_of(p) for p in files})
    assert digests[0] == digests[1]
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "86400")
    volume = rows_of(out)[0]["id"]
    for more, date in (((), "19700102"), (("--date", "20260131"), "20260131")):
        assert export(out, root, tmp_path / "c", "--volume", volume, *more).exit_code == 0
        (line,) = lines_of(tmp_path / "c")
        assert dcmread(_paths(tmp_path / "c", line)[0]).ContentDate == date


def _paths(root: Path, line: dict[str, Any]) -> list[Path]:
    return [root / s["path"] for s in line["segmentations"]]


def test_what_cannot_be_exported_is_told(corpus: tuple[Path, Path], tmp_path: Path) -> None:
    out, root = corpus
    other = tmp_path / "data"
    shutil.copytree(root / NAME, other / NAME)
    gone, moved = (other / NAME / r["item"].split("/")[0] for r in rows_of(out)[:2])
    shutil.rmtree(gone)
    image = nibabel.load(moved / "ct.nii.gz")
    affine = image.affine.copy()
    affine[0, 3] += 30
    nibabel.save(nibabel.Nifti1Image(np.asarray(image.dataobj), affine), moved / "ct.nii.gz")
    done = export(out, other, tmp_path / "seg")
    assert done.exit_code == 4
    reasons = {line["volume_id"]: line.get("reason") for line in lines_of(tmp_path / "seg")}
    wanted = {r["id"]: None if r["regions"] else "mask_empty" for r in all_rows(out)}
    wanted |= {row["id"]: "file_absent" for row in rows_of(out)[:2]}
    assert reasons == wanted


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("--volume", "vol-0"), "does not hold volume 'vol-0'"),
        (("--source", "nobody"), "does not hold source 'nobody'"),
        (("--date", "today"), "give YYYYMMDD"),
        (("--date", "20260231"), "give YYYYMMDD"),
        (("--date", "2026131"), "give YYYYMMDD"),
        (("--data-root", "/nowhere"), "no folder"),
    ],
)
def test_wrong_usage(
    corpus: tuple[Path, Path], tmp_path: Path, words: tuple[str, ...], told: str
) -> None:
    from pipelines.errors import UsageError

    with pytest.raises(UsageError, match=told):
        export(*corpus, tmp_path / "seg", *words)


def test_an_export_is_a_source_and_its_own_instances_are_referred_to(
    corpus: tuple[Path, Path], tmp_path: Path
) -> None:
    out, root = corpus
    assert export(out, root, tmp_path / "data").exit_code == 0
    (tmp_path / "source.yaml").write_text(TAKEN_IN)
    recipe = Recipe.model_validate(
        {
            "name": "in",
            "sources": [{"use": "source.yaml", "root": "data"}],
            "cut": {"max_slices": 1},
        }
    )
    again = tmp_path / "out"
    build(Order(recipe, tmp_path, again), InlineEngine(1), Progress(again, quiet=True))
    before, after = (sorted(rows_of(o), key=_volumes) for o in (out, again))
    assert len(before) == len(after)
    for old, new in zip(before, after, strict=True):
        assert masks(old) == masks(new)
        assert np.allclose(old["affine"], new["affine"], atol=1e-4)
    (tmp_path / "recipe.yaml").write_text(
        "name: in\nsources: [{use: source.yaml, root: data}]\ncut: {max_slices: 1}\n"
    )
    done = export(again, root, tmp_path / "seg", "--recipe", str(tmp_path / "recipe.yaml"))
    assert done.exit_code == 0, done.output
    for line in lines_of(tmp_path / "seg"):
        assert "derived_images" not in line
        paths = [tmp_path / "data" / name for name in line["images"]]
        (seg,) = (dcmread(p) for p in _paths(tmp_path / "seg", line))
        named = seg.ReferencedSeriesSequence[0].ReferencedInstanceSequence
        assert {i.ReferencedSOPInstanceUID for i in named} == {
            dcmread(p).SOPInstanceUID for p in paths
        }
        assert {s.SegmentAlgorithmType for s in seg.SegmentSequence} == {"MANUAL"}


def _volumes(row: dict[str, Any]) -> list[tuple[str, int]]:
    return sorted((r["label"], r["voxels"]) for r in row["regions"])


def masks(row: dict[str, Any]) -> dict[str, bytes]:
    """Label: its packed mask; every label of the phantoms is one region at most."""
    layers = [decode(data).values for data in row["label_volume"]]
    names = {r["id"]: r["label"] for r in row["regions"]}
    return {
        names[one["region_id"]]: np.packbits(layers[one["layer"]] == one["value"]).tobytes()
        for one in row["labels"]
    }
