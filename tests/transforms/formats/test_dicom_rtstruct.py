"""RT structure sets: polygons in millimetres to masks."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from pydicom import Sequence
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.uid import ExplicitVRLittleEndian

from schemas.reject import Fault
from transforms.formats.dicom_read import read_dicom
from transforms.formats.volume import Cut
from transforms.picture import Picture

Writer = Callable[..., Path]
ALL = Cut(max_slices=99, prefer="even")
OUTER = [(1.5, 1.5), (16.5, 1.5), (16.5, 8.5), (9.5, 8.5), (9.5, 13.5), (1.5, 13.5)]  # an L, (c, r)
HOLE = [(3.5, 3.5), (6.5, 3.5), (6.5, 6.5), (3.5, 6.5)]


@pytest.fixture
def series(tmp_path: Path, write_dicom: Writer) -> list[Path]:
    """Three 16 x 20 slices 5 mm apart, pixels of 2 (rows) x 3 (columns) mm, turned in the plane."""
    rng = np.random.default_rng(0)
    return [
        write_dicom(
            tmp_path / f"{i}.dcm", rng.integers(0, 99, (16, 20), dtype=np.int16),
            ImagePositionPatient=[40, -20, 5 * i], ImageOrientationPatient=[0, 1, 0, -1, 0, 0],
            SOPInstanceUID=f"1.7.{i}",
        )
        for i in range(3)
    ]  # fmt: skip


def millimetres(points: list[tuple[float, float]], height: float) -> list[float]:
    """(column, row) pixel places to Contour Data."""
    return [v for c, r in points for v in (40 - 2 * r, -20 + 3 * c, height)]


def contour(data: list[float], kind: str = "CLOSED_PLANAR", uid: str | None = None) -> Dataset:
    item = Dataset()
    item.ContourGeometricType, item.NumberOfContourPoints = kind, len(data) // 3
    item.ContourData = data
    if uid is not None:
        image = Dataset()
        image.ReferencedSOPInstanceUID = uid
        item.ContourImageSequence = Sequence([image])
    return item


def structure_set(path: Path, rois: dict[str, list[Dataset]]) -> Path:
    ds = Dataset()
    ds.file_meta = FileMetaDataset()
    ds.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    ds.SOPClassUID = ds.file_meta.MediaStorageSOPClassUID = "1.2.840.10008.5.1.4.1.1.481.3"
    ds.SOPInstanceUID = ds.file_meta.MediaStorageSOPInstanceUID = "1.8"
    ds.Modality = "RTSTRUCT"
    names, contours = [], []
    for number, (name, outlines) in enumerate(rois.items(), start=1):
        named, drawn = Dataset(), Dataset()
        named.ROINumber, named.ROIName = number, name
        drawn.ReferencedROINumber, drawn.ContourSequence = number, Sequence(outlines)
        names.append(named)
        contours.append(drawn)
    ds.StructureSetROISequence, ds.ROIContourSequence = Sequence(names), Sequence(contours)
    ds.save_as(path, enforce_file_format=True)
    return path


def read(series: list[Path], path: Path) -> tuple[list[Picture], list[Fault]]:
    found = list(read_dicom(series, cut=ALL, rtstruct=[path]))
    return [p for p in found if isinstance(p, Picture)], [f for f in found if isinstance(f, Fault)]


def inside(points: list[tuple[float, float]]) -> np.ndarray:
    """[16, 20] pixel centres within a polygon: an odd number of edges lies to their right."""
    rows, columns = np.mgrid[:16, :20].astype(float)
    crossings = np.zeros(rows.shape, int)
    for (c0, r0), (c1, r1) in zip(points, points[1:] + points[:1], strict=True):
        if r0 == r1:
            continue
        at = c0 + (rows - r0) * (c1 - c0) / (r1 - r0)
        crossings += ((r0 <= rows) != (r1 <= rows)) & (at > columns)
    return crossings % 2 == 1


@pytest.mark.parametrize("uid", [None, "1.7.1"])
def test_an_outline_with_a_hole(tmp_path: Path, series: list[Path], uid: str | None) -> None:
    outlines = [contour(millimetres(p, 5.0), uid=uid) for p in (OUTER, HOLE)]
    pictures, faults = read(series, structure_set(tmp_path / "rt", {"mass": outlines}))
    assert faults == []
    assert [len(p.annotations) for p in pictures] == [0, 1, 0]
    (mass,) = pictures[1].annotations
    expected = inside(OUTER) & ~inside(HOLE)
    assert expected.sum() > 100
    assert np.array_equal(mass.mask, expected)
    assert mass.volume_ml == pytest.approx(expected.sum() * 2 * 3 * 5 / 1000)
    assert mass.label == "mass"
    assert not mass.truncated
    assert pictures[0].complete == ["mass"]


def test_separate_parts_and_two_structures(tmp_path: Path, series: list[Path]) -> None:
    far = [(12.5, 10.5), (18.5, 10.5), (18.5, 14.5), (12.5, 14.5)]
    rois = {
        "both": [contour(millimetres(HOLE, 0.0)), contour(millimetres(far, 0.0))],
        "one": [contour(millimetres(far, 0.0))],
    }
    pictures, _ = read(series, structure_set(tmp_path / "rt", rois))
    masks = {a.label: a.mask for a in pictures[0].annotations}
    assert np.array_equal(masks["both"], inside(HOLE) | inside(far))
    assert np.array_equal(masks["one"], inside(far))


def test_points_and_open_lines_enclose_nothing(tmp_path: Path, series: list[Path]) -> None:
    rois = {
        "mass": [contour(millimetres(OUTER, 0.0))],
        "isocenter": [contour([1, 2, 0], kind="POINT")],
        "line": [contour(millimetres(HOLE, 0.0), kind="OPEN_PLANAR")],
    }
    pictures, faults = read(series, structure_set(tmp_path / "rt", rois))
    assert faults == []
    assert [a.label for a in pictures[0].annotations] == ["mass"]


@pytest.mark.parametrize(
    ("outline", "reason"),
    [
        (contour(millimetres(OUTER, 300.0)), "reference_unknown"),
        (contour(millimetres(OUTER, 5.0), uid="9.9.9"), "reference_unknown"),
        (contour([1.0, 2.0, 3.0, 4.0]), "annotation_malformed"),
    ],
)
def test_contours_that_cannot_be_used(
    tmp_path: Path, series: list[Path], outline: Dataset, reason: str
) -> None:
    pictures, faults = read(series, structure_set(tmp_path / "rt", {"mass": [outline]}))
    assert [(f.reason, f.scope) for f in faults] == [(reason, "region")]
    assert len(pictures) == 3
    assert not any(p.complete for p in pictures)
