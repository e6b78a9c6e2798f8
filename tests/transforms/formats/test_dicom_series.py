"""Series: slices where they lie in the patient, whatever their names, order and grouping."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import SimpleITK as sitk

from schemas.reject import Fault
from transforms.formats.dicom_group import group_series
from transforms.formats.dicom_read import read_dicom
from transforms.formats.volume import Cut, LabelVolume
from transforms.picture import Picture

ALL = Cut(max_slices=99, prefer="even", windows=("500/1001",))
Writer = Callable[..., Path]


def series(folder: Path, grid: np.ndarray, write: Writer, **attributes: Any) -> list[Path]:
    """[H, P, L] grid as axial slices 4 mm apart; file names and instance numbers are shuffled."""
    folder.mkdir(exist_ok=True)
    names = np.random.default_rng(7).permutation(len(grid))
    return [
        write(
            folder / f"{names[i]}.dcm", layer.astype(np.int16), InstanceNumber=int(names[i]) + 1,
            ImagePositionPatient=[-10, 5, 100 + 4 * i], SOPInstanceUID=f"1.2.3.5.{names[i]}",
            **attributes,
        )
        for i, layer in enumerate(grid)
    ]  # fmt: skip


def pictures(paths: list[Path], cut: Cut = ALL, **options: Any) -> dict[str, Picture]:
    found = list(read_dicom(paths, cut=cut, **options))
    assert all(isinstance(p, Picture) for p in found), found
    return {p.key: p for p in found}  # type: ignore[union-attr,misc]


def test_slices_lie_from_foot_to_head(
    tmp_path: Path, marker: np.ndarray, write_dicom: Writer
) -> None:
    paths = series(tmp_path / "s", marker, write_dicom)
    for order in (paths, paths[::-1], sorted(paths)):
        shown = pictures(order)
        assert len(shown) == 6
        for i in range(6):
            picture = shown[f"slice={i:04d};window=500/1001"]
            assert np.array_equal(picture.native, marker[i])
            assert (picture.frame, picture.orientation, picture.plane) == (i, "L\\P", "axial")
            assert picture.spacing_mm == (2.0, 3.0)


@pytest.mark.parametrize("plane", ["coronal", "sagittal"])
def test_other_planes_equal_those_of_the_same_volume_as_nifti(
    tmp_path: Path, marker: np.ndarray, write_dicom: Writer, plane: str
) -> None:
    shown = pictures(
        series(tmp_path / "s", marker, write_dicom),
        Cut(planes=(plane,), max_slices=99, windows=("500/1001",)),  # type: ignore[arg-type]
    )
    picture = shown[f"plane={plane};slice={5 if plane == 'coronal' else 2:04d}"]
    expected = marker[::-1, 5] if plane == "coronal" else marker[::-1, :, 2]
    assert np.array_equal(picture.native, expected)
    assert picture.spacing_mm == ((4.0, 3.0) if plane == "coronal" else (4.0, 2.0))
    assert picture.columns["Modality"] == "CT"


def test_feet_first_stored_order_is_the_same_stack(
    tmp_path: Path, marker: np.ndarray, write_dicom: Writer
) -> None:
    """Rows and columns stored mirrored (prone): shown as stored, and the letters say so."""
    turned = marker[:, ::-1, ::-1]
    prone = {"ImageOrientationPatient": [-1, 0, 0, 0, -1, 0]}
    shown = pictures(series(tmp_path / "s", turned, write_dicom, **prone))
    picture = shown["slice=0001;window=500/1001"]
    assert np.array_equal(picture.native, turned[1])
    assert picture.orientation == "R\\A"
    cut = Cut(planes=("coronal",), max_slices=99, windows=("500/1001",))
    shown = pictures(series(tmp_path / "s", turned, write_dicom, **prone), cut)
    assert np.array_equal(shown["plane=coronal;slice=0005"].native, marker[::-1, 5])


def test_uneven_gaps_are_flagged_and_not_resliced(
    tmp_path: Path, marker: np.ndarray, write_dicom: Writer
) -> None:
    paths = series(tmp_path / "s", marker, write_dicom)
    shown = pictures([p for i, p in enumerate(paths) if i != 2])
    assert all("uneven slice gaps" in p.flags for p in shown.values())
    assert len(shown) == 5
    cut = Cut(planes=("coronal",), max_slices=99, windows=("500/1001",))
    shown = pictures([p for i, p in enumerate(paths) if i != 2], cut)
    assert {p.plane for p in shown.values()} == {"axial"}
    assert all("plane as acquired" in p.flags for p in shown.values())


def test_gantry_tilt_is_flagged(tmp_path: Path, marker: np.ndarray, write_dicom: Writer) -> None:
    paths = [
        write_dicom(
            tmp_path / f"{i}.dcm", layer, ImagePositionPatient=[0, 2 * i, 4 * i],
            SOPInstanceUID=f"1.2.9.{i}",
        )
        for i, layer in enumerate(marker)
    ]  # fmt: skip
    assert all("sheared stack" in p.flags for p in pictures(paths).values())


def test_repeated_places_are_volumes(
    tmp_path: Path, marker: np.ndarray, write_dicom: Writer
) -> None:
    first = series(tmp_path / "a", marker, write_dicom, AcquisitionNumber=1)
    second = [
        write_dicom(
            tmp_path / f"b{i}", 2 * layer, ImagePositionPatient=[-10, 5, 100 + 4 * i],
            AcquisitionNumber=2, SOPInstanceUID=f"1.2.8.{i}",
        )
        for i, layer in enumerate(marker)
    ]  # fmt: skip
    shown = pictures(second + first)
    assert {k.split(";")[0] for k in shown} == {"volume=000"}
    assert np.array_equal(shown["volume=000;slice=0001;window=500/1001"].native, marker[1])
    shown = pictures(second + first, Cut(max_slices=99, frames="all", windows=("500/1001",)))
    assert np.array_equal(shown["volume=001;slice=0001;window=500/1001"].native, 2 * marker[1])


def test_a_localizer_does_not_mix_with_the_slices(
    tmp_path: Path, marker: np.ndarray, write_dicom: Writer
) -> None:
    paths = series(tmp_path / "s", marker, write_dicom)
    scout = write_dicom(
        tmp_path / "scout", marker[:, 3], ImageOrientationPatient=[1, 0, 0, 0, 0, -1],
        ImageType=["ORIGINAL", "PRIMARY", "LOCALIZER"], SOPInstanceUID="1.2.7", AcquisitionNumber=9,
    )  # fmt: skip
    shown = pictures([scout, *paths])
    assert len(shown) == 7
    lone = shown["stack=01"]
    assert lone.plane is None
    assert "localizer" in lone.flags
    assert lone.unit is None


def test_a_broken_slice_is_one_fault_and_the_rest_stays(
    tmp_path: Path, marker: np.ndarray, write_dicom: Writer
) -> None:
    paths = series(tmp_path / "s", marker, write_dicom)
    paths[3].write_bytes(paths[3].read_bytes()[:-40])
    found = list(read_dicom(paths, cut=ALL))
    assert [f.reason for f in found if isinstance(f, Fault)] == ["truncated"]
    assert sum(isinstance(p, Picture) for p in found) == 5


def test_columns_hold_no_free_text_and_statements_no_identity(
    tmp_path: Path, marker: np.ndarray, write_dicom: Writer
) -> None:
    path = write_dicom(
        tmp_path / "a", marker[1], PatientName="Doe^Jane", SeriesDescription="secret words",
        PatientAge="045Y", PatientSex="F", BodyPartExamined="CHEST", Laterality="L",
        BurnedInAnnotation="YES",
    )  # fmt: skip
    (picture,) = pictures([path]).values()
    assert set(picture.columns) == {
        "StudyInstanceUID", "SeriesInstanceUID", "SOPInstanceUID", "PatientID", "Modality",
        "BodyPartExamined",
    }  # fmt: skip
    assert "secret" not in str(picture.statements)
    assert "Doe" not in str(picture)
    told = {s.kind: (s.value, s.number, s.pointer) for s in picture.statements}
    assert told["age"] == (None, 45.0, "DICOM (0010,1010)")
    assert told["sex"][0] == "female"
    assert told["image_side"][0] == "left"
    assert "burned-in annotation stated" in picture.flags


@pytest.mark.parametrize(
    ("times", "sequence"),
    [
        ({"ScanningSequence": "SE", "RepetitionTime": 500, "EchoTime": 15}, "T1"),
        ({"ScanningSequence": "SE", "RepetitionTime": 4000, "EchoTime": 100}, "T2"),
        ({"ScanningSequence": ["SE", "IR"], "RepetitionTime": 9000, "EchoTime": 120,
          "InversionTime": 2500}, "FLAIR"),
        ({"ScanningSequence": ["SE", "IR"], "RepetitionTime": 4000, "EchoTime": 40,
          "InversionTime": 150}, None),  # STIR
        ({"ScanningSequence": "SE", "RepetitionTime": 3000, "EchoTime": 15}, None),  # PD, not said
        ({"ScanningSequence": "GR", "RepetitionTime": 500, "EchoTime": 15}, None),
        ({"ScanningSequence": ["EP", "SE"], "RepetitionTime": 4000, "EchoTime": 100}, None),
        ({}, None),
    ],
)  # fmt: skip
def test_mr_sequences_are_named_only_when_certain(
    tmp_path: Path,
    marker: np.ndarray,
    write_dicom: Writer,
    times: dict[str, Any],
    sequence: str | None,
) -> None:
    path = write_dicom(tmp_path / "a", marker[1], Modality="MR", **times)
    (picture,) = pictures([path]).values()
    told = [s.value for s in picture.statements if s.kind == "sequence"]
    assert told == ([sequence] if sequence else [])


@pytest.mark.parametrize(
    ("attributes", "spacing", "flag"),
    [
        ({"PixelSpacing": [2, 3]}, None, "spacing at detector"),
        ({"PixelSpacing": [2, 3], "PixelSpacingCalibrationType": "FIDUCIAL"}, (2, 3), None),
        ({"PixelSpacing": [2, 3], "ImagerPixelSpacing": [2, 3]}, None, "spacing at detector"),
        ({"PixelSpacing": [2, 2], "ImagerPixelSpacing": [3, 3]}, (2, 2), None),  # corrected
        ({"PixelSpacing": None, "ImagerPixelSpacing": [2, 3]}, None, "spacing at detector"),
        ({"PixelSpacing": None, "NominalScannedPixelSpacing": [2, 3]}, None, "spacing at detector"),
        ({"PixelSpacing": None}, None, None),
        ({"PixelSpacing": [2, 2], "Modality": "US"}, (2, 2), None),
    ],
)
def test_spacing_of_projections(
    tmp_path: Path,
    marker: np.ndarray,
    write_dicom: Writer,
    attributes: dict[str, Any],
    spacing,
    flag,
) -> None:
    path = write_dicom(
        tmp_path / "a", marker[1], ImagePositionPatient=None, ImageOrientationPatient=None,
        PatientOrientation=["L", "FP"], **{"Modality": "DX"} | attributes,
    )  # fmt: skip
    (picture,) = pictures([path]).values()
    assert picture.spacing_mm == spacing
    assert [f for f in picture.flags if f.startswith("spacing")] == ([flag] if flag else [])
    assert (picture.orientation, picture.plane) == ("L\\F", None)


@pytest.mark.samples
def test_a_real_series_agrees_with_simpleitk_and_its_label_volume(samples: Path) -> None:
    folder = samples / "totalsegmentator_example/tests/reference_files"
    paths = sorted((folder / "example_ct_dicom").iterdir())
    (group,), faults = group_series(paths[::-1])
    assert faults == []
    assert (group.kind, len(group.paths)) == ("series", 20)
    files = sorted(paths, key=lambda p: sitk.ReadImage(str(p)).GetOrigin()[2])
    volume = sitk.GetArrayFromImage(sitk.ReadImage([str(p) for p in files]))
    labels = LabelVolume(folder / "example_seg_dicom.nii.gz", {n: str(n) for n in range(1, 118)})
    cut = Cut(max_slices=4)
    shown = pictures(list(group.paths), cut, labels=labels)
    marks = sitk.GetArrayFromImage(sitk.ReadImage(str(folder / "example_seg_dicom.nii.gz")))[
        :, ::-1
    ]
    for picture in shown.values():
        assert np.array_equal(picture.native, volume[picture.frame])
        assert picture.annotations
        for a in picture.annotations:
            assert np.array_equal(a.mask, marks[picture.frame] == int(a.label))
            assert a.volume_ml == pytest.approx((marks == int(a.label)).sum() * 0.9765625**2 * 2e-3)
