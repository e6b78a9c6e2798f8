"""Experts of volumes over a small source of NIfTI files drawn on the spot, whose grids are turned."""

from collections.abc import Sequence
from pathlib import Path

import nibabel
import numpy as np
import pytest

from expert_models.experts.base import ExpertCard, Found, Prediction, VolumeScan
from pipelines.evaluating import run
from pipelines.evaluating.halves import half_of
from pipelines.evaluating.page import source_text

DECLARATION = """
name: drawn
version: "1"
title: Drawn livers
home: https://example.org/drawn
license: CC0-1.0
citation: none
endpoints: public
folder: drawn
modality: CT
anatomy: abdomen
split_of_origin: none stated
known_issues: []
images:
  - glob: "{kind}*_image.nii.gz"
    format: nifti
    pattern: (?P<case>[a-z]+\\d+)_image
    name: "{{case}}"
columns:
  patient: "{{case}}"
annotations:
  - reader: label-volume
    file: "{{case}}_label.nii.gz"
    values: {{1: liver, 2: spleen}}
    labels: {{liver: liver, spleen: spleen}}
    complete: [spleen]
    by: expert
"""


class Bright:
    """The liver is what is bright; the spleen is never found."""

    card = ExpertCard(
        "bright-3d", "1", "segmenter", ("liver", "spleen"), ("CT",), (), "threshold", "none", "MIT",
        dimensions=3,
    )  # fmt: skip

    def __init__(self) -> None:
        self.seen: list[VolumeScan] = []

    def load(self) -> None:
        pass

    def predict(self, batch: Sequence[VolumeScan]) -> list[Prediction]:
        self.seen += batch
        return [[Found("liver", scan.values > 50)] for scan in batch]


def write(folder: Path, case: str) -> None:
    """A case in LAS order, columns 1, rows 2, slices 4 mm; the liver's label is a slice too short."""
    affine = np.diag([-1.0, 2.0, 4.0, 1.0])
    values = np.zeros((24, 20, 12), np.int16)
    values[3:10, 4:12, 2:8] = 100
    label = np.zeros_like(values, dtype=np.uint8)
    label[3:10, 4:12, 2:7] = 1
    nibabel.save(nibabel.Nifti1Image(values, affine), folder / f"{case}_image.nii.gz")
    nibabel.save(nibabel.Nifti1Image(label, affine), folder / f"{case}_label.nii.gz")


def names(half: str, count: int) -> list[str]:
    return [name for name in (f"case{i}" for i in range(99)) if half_of(name) == half][:count]


@pytest.fixture
def source(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "drawn").mkdir()
    path = tmp_path / "drawn.yaml"
    path.write_text(DECLARATION.format(kind="case"))
    monkeypatch.setattr(run, "shipped", lambda: {"drawn": path})
    return tmp_path


def test_volumes_are_measured_in_three_axes_and_millimetres(source: Path) -> None:
    for name in [*names("report", 5), *names("tune", 1)]:
        write(source / "drawn", name)
    expert = Bright()
    rows = {(r.label, r.metric): r for r in run.evaluate([expert], source).rows}
    dice = rows["liver", "Dice"]
    assert dice.value == pytest.approx(2 * 5 / 11)
    assert (dice.images, dice.patients, dice.half) == (5, 5, "report")
    assert dice.low == pytest.approx(dice.value)  # all five are alike
    assert rows["liver", "HD95, mm"].value == pytest.approx(4.0)  # a slice, whichever way it lies
    assert rows["spleen", "found where absent"].value == 0
    (scan, *_) = expert.seen
    assert (scan.spacing_mm, scan.placed, scan.unit) == ((4.0, 2.0, 1.0), True, "HU")
    assert scan.values.shape == (12, 20, 24)


def test_the_half_without_volumes_is_replaced_and_named(source: Path) -> None:
    write(source / "drawn", names("tune", 1)[0])
    rows = run.evaluate([Bright()], source, half="report").rows
    assert {row.half for row in rows} == {"tune"}
    assert source_text(rows[0], "report") == "drawn (tune half)"


def test_a_source_that_hides_lengths_is_measured_in_voxels(source: Path) -> None:
    path = source / "drawn.yaml"
    path.write_text(path.read_text() + "display: {physical_size: unknown}\n")
    write(source / "drawn", names("report", 1)[0])
    expert = Bright()
    metrics = {row.metric for row in run.evaluate([expert], source).rows}
    assert "HD95, voxels" in metrics
    assert expert.seen[0].spacing_mm is None
    assert not expert.seen[0].placed


def test_a_spoilt_file_is_counted(source: Path) -> None:
    name = names("report", 1)[0]
    write(source / "drawn", name)
    (source / "drawn" / f"{name}_image.nii.gz").write_bytes(b"no gzip")
    done = run.evaluate([Bright()], source)
    assert done.rows == []
    assert done.unread >= 1
