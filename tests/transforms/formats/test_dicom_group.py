"""Grouping of DICOM trees."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from pydicom import dcmread
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.fileset import FileSet
from pydicom.uid import ExplicitVRLittleEndian

from transforms.formats.dicom_group import attach, group_series

Writer = Callable[..., Path]
PIXELS = np.arange(20, dtype=np.int16).reshape(4, 5)


def slices(folder: Path, write: Writer, *, uid: str | None, count: int = 3, **more) -> list[Path]:
    folder.mkdir(parents=True, exist_ok=True)
    return [
        write(
            folder / f"f{i}", PIXELS, SeriesInstanceUID=uid, ImagePositionPatient=[0, 0, i],
            SOPInstanceUID=f"1.9.{uid or 0}.{i}", **more,
        )
        for i in range(count)
    ]  # fmt: skip


def test_series_are_told_apart_and_named_by_uid_not_by_folder(
    tmp_path: Path, write_dicom: Writer
) -> None:
    one = slices(tmp_path / "x", write_dicom, uid="1.1")
    two = slices(tmp_path / "y", write_dicom, uid="1.2")
    groups, faults = group_series(two + one)
    assert faults == []
    assert [len(g.paths) for g in groups] == [3, 3]
    moved = slices(tmp_path / "z", write_dicom, uid="1.1")
    (again,), _ = group_series(moved)
    assert again.name in {g.name for g in groups}
    assert "1.1" not in again.name  # the UID itself is not told


def test_slices_without_series_uid_hold_together_by_their_folder(
    tmp_path: Path, write_dicom: Writer
) -> None:
    paths = slices(tmp_path / "x", write_dicom, uid=None) + slices(
        tmp_path / "y", write_dicom, uid=None, count=2, SeriesNumber=4
    )
    groups, _ = group_series(paths)
    assert sorted(len(g.paths) for g in groups) == [2, 3]


def test_copies_of_one_instance_make_a_group_of_their_own(
    tmp_path: Path, write_dicom: Writer
) -> None:
    one = slices(tmp_path / "x", write_dicom, uid="1.1")
    copy = slices(tmp_path / "copy", write_dicom, uid="1.1")
    groups, faults = group_series(one + copy)
    assert faults == []
    assert [len(g.paths) for g in groups] == [3, 3]
    assert groups[1].name == groups[0].name + "+1"


def test_projections_stand_alone(tmp_path: Path, write_dicom: Writer) -> None:
    paths = [
        write_dicom(
            tmp_path / f"{i}", PIXELS, Modality="DX", ImagePositionPatient=None,
            ImageOrientationPatient=None, SOPInstanceUID=f"1.4.{i}",
        )
        for i in range(2)
    ]  # fmt: skip
    groups, _ = group_series(paths)
    assert [g.kind for g in groups] == ["single", "single"]


def directory(folder: Path, paths: list[Path]) -> Path:
    fileset = FileSet()
    for path in paths:
        fileset.add(dcmread(path))
    fileset.write(folder)
    return folder / "DICOMDIR"


def test_a_directory_file_lists_its_files(tmp_path: Path, write_dicom: Writer) -> None:
    more = {"PatientID": "p", "PatientName": "n", "StudyDate": "20200101", "StudyTime": "1",
            "StudyID": "1", "SeriesNumber": 1}  # fmt: skip
    paths = [
        write_dicom(
            tmp_path / f"{i}", PIXELS, ImagePositionPatient=[0, 0, i], InstanceNumber=i + 1,
            SOPInstanceUID=f"1.5.{i}", **more,
        )
        for i in range(3)
    ]  # fmt: skip
    found = directory(tmp_path / "set", paths)
    (group,), faults = group_series([found])
    assert faults == []
    assert len(group.paths) == 3
    everything = [p for p in (tmp_path / "set").rglob("*") if p.is_file()]
    (again,), faults = group_series(everything)  # the same files, listed and found: each once
    assert faults == []
    assert len(again.paths) == 3
    group.paths[0].unlink()
    _, faults = group_series([found])
    assert [f.reason for _, f in faults] == ["file_absent"]


@pytest.mark.parametrize("name", [["..", "outside"], ["sub", "../../outside"], ["/etc", "passwd"]])
def test_a_directory_file_cannot_lead_outside(
    tmp_path: Path, write_dicom: Writer, name: list[str]
) -> None:
    write_dicom(tmp_path / "outside", PIXELS)
    (tmp_path / "set").mkdir()
    record = Dataset()
    record.ReferencedFileID = name
    ds = Dataset()
    ds.DirectoryRecordSequence = [record]
    ds.file_meta = FileMetaDataset()
    ds.file_meta.MediaStorageSOPClassUID = "1.2.840.10008.1.3.10"
    ds.file_meta.MediaStorageSOPInstanceUID = "1.2.3"
    ds.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    ds.preamble = bytes(128)
    ds.save_as(tmp_path / "set" / "DICOMDIR")
    groups, faults = group_series([tmp_path / "set" / "DICOMDIR"])
    assert groups == []
    assert [f.reason for _, f in faults] == ["path_outside_root"]


def test_a_symbolic_link_out_of_the_folder_is_outside(tmp_path: Path, write_dicom: Writer) -> None:
    paths = slices(tmp_path / "x", write_dicom, uid="1.1", count=1, PatientName="n", StudyDate="20200101",
                   StudyTime="1", StudyID="1", SeriesNumber=1, InstanceNumber=1)  # fmt: skip
    found = directory(tmp_path / "set", paths)
    (group,), _ = group_series([found])
    group.paths[0].unlink()
    group.paths[0].symlink_to(paths[0])
    groups, faults = group_series([found])
    assert groups == []
    assert [f.reason for _, f in faults] == ["path_outside_root"]


@pytest.mark.samples
def test_segmentations_find_their_images(samples: Path) -> None:
    paths = sorted((samples / "highdicom_testfiles").glob("*.dcm"))
    paths += sorted((samples / "pydicom_testfiles/dicomdirtests").rglob("[0-9]*"))
    groups, _ = group_series([p for p in paths if p.is_file()])
    items, faults = attach(groups)
    assert faults == []
    found = {p.name for _, seg, _ in items for p in seg}
    assert found == {p.name for p in paths if p.name.startswith("seg_image")}


@pytest.mark.samples
def test_every_directory_file_of_the_samples_gives_the_same_groups(samples: Path) -> None:
    folder = samples / "pydicom_testfiles/dicomdirtests"
    whole = None
    for name in (
        "DICOMDIR",
        "DICOMDIR-bigEnd",
        "DICOMDIR-implicit",
        "DICOMDIR-nooffset",
        "DICOMDIR-reordered",
    ):
        groups, faults = group_series([folder / name])
        whole = whole or [(g.name, g.paths) for g in groups]
        assert [(g.name, g.paths) for g in groups] == whole, name
        assert len(whole) > 8
        assert {f.reason for _, f in faults} <= {"file_absent"}
