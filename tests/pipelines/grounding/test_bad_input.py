"""What is wrong with scans and experts, through a whole build: each has its reason or its stated reserve, good
scans come out unchanged, and never is a whole picture a box."""

import struct
import zlib
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import nibabel
import numpy as np
import pyarrow.parquet as pq
import pytest

from expert_models.experts import registry
from expert_models.experts.base import Found, Prediction, Scan, VolumeScan
from expert_models.experts.volume.method import VolumeMethod
from pipelines.build import Order, build
from pipelines.check_release import check_release
from pipelines.engines.inline import InlineEngine
from pipelines.progress import Progress
from pipelines.recipe import Recipe
from pipelines.summary import read_rejects
from schemas.ids import digest
from tests.pipelines.grounding.scene import Level, card
from tests.transforms.formats.conftest import dicom_file

SOURCE = """
name: bad
version: "1"
title: Drawn volumes
home: https://example.org/bad
license: CC0-1.0
citation: none
folder: bad
modality: "{kind}"
anatomy: abdomen
split_of_origin: none stated
known_issues: []
images:
  - {glob: "volumes/*.nii", format: nifti, set: {kind: CT}}
  - {glob: "unstated/*.nii", format: nifti, set: {kind: OT}}
  - {glob: "series/*/*.dcm", format: dicom, set: {kind: CT}}
columns: {patient: "{name}"}
"""
SHAPE, MM = (6, 40, 48), (5.0, 2.0, 2.0)
SERIES = {"lost": "1.2.3.11", "skew": "1.2.3.12"}
CRASH, HUNGRY, EMPTY, HUNGRY_IN_2D = 901, 902, 903, 904
"""Largest values, by which the experts of this test know a scan that they are to fail on."""


class Deep(VolumeMethod):
    """Finds what is above 200, in placed volumes of known spacing."""

    placed = True
    card = card(
        "deep", labels=("liver",), modalities=("CT",), anatomies=(), dimensions=3, needs_spacing=True
    )  # fmt: skip

    def look(self, scan: VolumeScan) -> Prediction:
        case = int(scan.values.max())
        if case == CRASH:
            raise RuntimeError("boom")
        if case == HUNGRY:
            raise MemoryError
        return [] if case == EMPTY else [Found("liver", scan.values > 200, instance=False)]


def flat() -> Level:
    """Finds what is bright on a slice, four at a time, and has memory for one of them, or for none."""
    expert = Level(
        "flat", labels=("liver",), modalities=("CT",), anatomies=(), batch=4, most=1,
        needs_native=True,
    )  # fmt: skip
    expert._answer = lambda scan: _hungry(scan) or expert.find(scan)
    return expert


def _hungry(scan: Scan) -> None:
    if scan.native is not None and scan.native.max() == HUNGRY_IN_2D:
        raise MemoryError


def values(name: str, case: int = 0) -> np.ndarray:
    """[S, H, W] int16 HU: a block of 300 in fat, low on the patient's left, and a corner that says the case.

    No two slices of two names are alike: duplicates are dropped.
    """
    noise = np.random.default_rng(zlib.crc32(name.encode())).integers(-30, 30, SHAPE)
    out = (noise - 100).astype(np.int16)
    out[1:4, 22:34, 28:41] = 300
    if case:
        out[:, 22, 28] = case
    return out


def write(path: Path, case: int = 0) -> Path:
    """A NIfTI file of the values, columns to the left, rows to the back."""
    path.parent.mkdir(parents=True, exist_ok=True)
    affine = np.diag([-MM[2], -MM[1], MM[0], 1.0])
    nibabel.save(nibabel.Nifti1Image(values(path.stem, case).transpose(2, 1, 0), affine), path)
    return path


def patch(path: Path, at: int, kind: str, *numbers: float) -> None:
    """Overwrite fields of a NIfTI-1 header."""
    raw = bytearray(path.read_bytes())
    struct.pack_into(kind, raw, at, *numbers)
    path.write_bytes(raw)


def write_all(root: Path) -> None:
    """The good volume, and one of each fault."""
    folder = root / "bad" / "volumes"
    write(folder / "good.nii")
    patch(write(folder / "unplaced.nii"), 252, "<hh", 0, 0)  # neither qform nor sform
    patch(write(folder / "unmeasured.nii"), 80, "<fff", 9, 9, 9)  # pixdim against the sform
    patch(write(folder / "spaceless.nii"), 80, "<fff", 0, 0, 0)
    patch(write(folder / "flat-affine.nii"), 280, "<ffff", 0, 0, 0, 0)  # srow_x
    for name, case in (("crash", CRASH), ("hungry", HUNGRY), ("empty", EMPTY)):
        write(folder / f"{name}.nii", case)
    patch(write(folder / "hungry-2d.nii", HUNGRY_IN_2D), 252, "<hh", 0, 0)
    write(root / "bad" / "unstated" / "unstated.nii")
    for name, directions in (("lost", None), ("skew", [1, 0, 0, 1, 0, 0])):
        series = root / "bad" / "series" / name
        series.mkdir(parents=True)
        for n, pixels in enumerate(values(name)):
            dicom_file(
                series / f"{name}{n}.dcm", pixels + n, ImageOrientationPatient=directions,
                ImagePositionPatient=[0, 0, MM[0] * n], SeriesInstanceUID=SERIES[name],
                WindowCenter=100, WindowWidth=500,
            )  # fmt: skip


Images = dict[str, list[dict[str, Any]]]


def named(item: str) -> str:
    """Of a file its stem; a series is named by a digest of its UID."""
    for name, uid in SERIES.items():
        if item.endswith(digest(uid)[:16]):
            return name
    return Path(item).stem


def built(root: Path, out: Path) -> Images:
    """Images of every item, each with its regions."""
    (root / "source.yaml").write_text(SOURCE)
    recipe = Recipe.model_validate(
        {
            "name": "bad",
            "sources": ["source.yaml"],
            "cut": {"max_slices": 6, "prefer": "even"},
            "grounding": {"routes": [{"expert": "deep"}, {"expert": "flat"}]},
            "allowed_failed_share": 1,
        }
    )
    build(Order(recipe, root, out, root), InlineEngine(1), Progress(out, quiet=True))
    assert check_release(out) == []
    by_item = defaultdict(list)
    for path in sorted((out / "corpus/data/images").glob("*.parquet")):
        for row in pq.read_table(path).to_pylist():
            by_item[named(row["item"])].append(row)
    grounded = [
        r
        for p in (out / "run/ground/data").glob("*.grounded.parquet")
        for r in pq.read_table(p).to_pylist()
    ]
    regions = {row["id"]: row["regions"] for row in grounded}
    for rows in by_item.values():
        for row in rows:
            row["regions"] = regions[row["id"]]
    return by_item


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Images, Path]]:
    """One build of everything that is wrong, and of the good volume."""
    root = tmp_path_factory.mktemp("bad")
    write_all(root)
    with pytest.MonkeyPatch.context() as patched:
        only(patched, Deep(), flat())
        yield built(root, root / "out"), root


def only(patched: pytest.MonkeyPatch, *experts: Any) -> None:
    """These are all the experts there are."""
    made = {expert.card.name: expert for expert in experts}
    patched.setattr(registry, "_known", lambda: (made, ()))
    registry.expert_named.cache_clear()


LOST = {
    "unstated": ("modality_known", "modality_unknown"),
    "spaceless": ("read", "spacing_invalid"),
    "flat-affine": ("read", "affine_singular"),
    "skew": ("read", "affine_singular"),
}
REFUSED = {
    "unplaced": "expert_input_missing",
    "unmeasured": "expert_input_missing",
    "crash": "expert_failed",
    "hungry": "expert_out_of_memory",
}


def rejects(root: Path) -> dict[str, set[tuple[str, str]]]:
    """(gate, reason) by item."""
    reasons = defaultdict(set)
    for row in read_rejects(root / "out"):
        reasons[named(row["item"])].add((row["gate"], row["reason"]))
    return reasons


def producers(rows: list[dict[str, Any]]) -> set[str]:
    return {region["producer"] for row in rows for region in row["regions"]}


@pytest.mark.parametrize(("item", "told"), LOST.items())
def test_what_cannot_be_read_is_lost_with_its_reason(found, item: str, told) -> None:
    images, root = found
    assert item not in images
    assert told in rejects(root)[item]


@pytest.mark.parametrize(("item", "reason"), REFUSED.items())
def test_where_nobody_could_look_in_3d_slices_are_looked_at(found, item: str, reason: str) -> None:
    images, root = found
    assert ("deep", reason) in rejects(root)[item]
    assert len(images[item]) == SHAPE[0]
    assert producers(images[item]) == {"flat@1"}
    shown = [row for row in images[item] if row["regions"]]
    assert len(shown) == 3  # the block is in three slices
    assert {"".join(r["label"] for r in row["regions"]) for row in shown} == {"liver"}


def test_slices_whose_place_is_lost_are_pictures(found) -> None:
    images, _ = found
    assert producers(images["lost"]) == {"flat@1"}


def test_what_an_expert_of_volumes_did_not_find_nobody_finds_after_all(found) -> None:
    images, root = found
    assert rejects(root)["empty"] == {("deep", "expert_found_nothing")}
    assert producers(images["empty"]) == set()


def test_a_slice_that_alone_is_too_large_costs_itself(found) -> None:
    images, root = found
    assert ("flat", "expert_out_of_memory") in rejects(root)["hungry-2d"]
    assert producers(images["hungry-2d"]) == set()


def test_no_region_is_the_whole_picture(found) -> None:
    images, _ = found
    regions = [(row, r) for rows in images.values() for row in rows for r in row["regions"]]
    assert regions
    for row, region in regions:
        x0, y0, x1, y1 = region["box"]
        assert (x1 - x0) * (y1 - y0) < 0.2 * row["width"] * row["height"]


def test_the_good_volume_is_as_it_is_alone(found, tmp_path: Path) -> None:
    images, root = found
    write(tmp_path / "bad" / "volumes" / "good.nii")
    (alone,) = built(tmp_path, tmp_path / "out").values()
    assert alone == images["good"]
    assert producers(alone) == {"deep@1"}
    assert "good" not in rejects(root)
