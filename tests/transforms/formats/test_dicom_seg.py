"""Segmentation objects, compared with highdicom's own reading of them."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from pydicom import dcmread

from schemas.reject import Fault
from transforms.formats.dicom_read import read_dicom
from transforms.formats.volume import Cut
from transforms.picture import Picture

highdicom = pytest.importorskip("highdicom", reason="needs the extra `dicom`")
Writer = Callable[..., Path]
ALL = Cut(max_slices=99, prefer="even")


def read(paths: list[Path], seg: list[Path], cut: Cut = ALL) -> tuple[list[Picture], list[Fault]]:
    found = list(read_dicom(paths, cut=cut, seg=seg))
    return [p for p in found if isinstance(p, Picture)], [f for f in found if isinstance(f, Fault)]


@pytest.fixture
def ct_series(samples: Path) -> list[Path]:
    return sorted((samples / "pydicom_testfiles/dicomdirtests/77654033/CT2").iterdir())


@pytest.mark.samples
@pytest.mark.parametrize(
    "name", ["ct_binary", "ct_binary_overlap", "ct_binary_fractional", "ct_true_fractional"]
)
def test_masks_equal_highdicom(samples: Path, ct_series: list[Path], name: str) -> None:
    path = samples / f"highdicom_testfiles/seg_image_{name}.dcm"
    pictures, faults = read(ct_series, [path])
    assert faults == []
    seg = highdicom.seg.segread(path)
    uids = [p.columns["SOPInstanceUID"] for p in pictures]
    values = seg.get_pixels_by_source_instance(
        uids, assert_missing_frames_are_empty=True, rescale_fractional=True
    )  # [image, row, column, segment]
    labels = [s.SegmentLabel for s in seg.SegmentSequence]
    seen = 0
    for i, picture in enumerate(pictures):
        masks = {a.label: a.mask for a in picture.annotations}
        for n, label in enumerate(labels):
            expected = values[i, :, :, n] >= 0.5
            assert np.array_equal(masks.get(label, np.zeros_like(expected)), expected)
            seen += int(expected.sum())
        assert picture.complete == labels
    assert seen > 0


@pytest.mark.samples
@pytest.mark.parametrize(
    ("image", "name"),
    [
        ("sm_image_control", "sm_control"),
        ("sm_image_control", "sm_control_labelmap"),
        ("sm_image_control", "sm_control_labelmap_palette_color"),
        ("sm_image_control", "sm_numbers"),
        ("sm_image_control", "sm_dots"),
        ("sm_image_control", "sm_dots_tiled_full"),
    ],
)
def test_tiled_masks_equal_highdicom(samples: Path, image: str, name: str) -> None:
    folder = samples / "highdicom_testfiles"
    (picture,), faults = read([folder / f"{image}.dcm"], [folder / f"seg_image_{name}.dcm"])
    seg = highdicom.seg.segread(folder / f"seg_image_{name}.dcm")
    assert faults == []
    values = seg.get_total_pixel_matrix()  # [row, column, segment]
    numbers = [s for s in seg.segment_numbers if s != 0]
    offset = values.shape[2] - len(numbers)
    found = {a.label: a.mask for a in picture.annotations}
    assert found or name == "sm_dots_tiled_full"
    for n, number in enumerate(numbers):
        label = seg.get_segment_description(number).segment_label
        expected = values[:, :, n + offset] > 0
        assert np.array_equal(found.get(label, np.zeros_like(expected)), expected), label


@pytest.mark.samples
def test_tiled_images_equal_highdicom(samples: Path) -> None:
    for path in sorted((samples / "highdicom_testfiles").glob("sm_image*.dcm")):
        (picture,), _ = read([path], [])
        expected = highdicom.imread(path).get_total_pixel_matrix()
        native = picture.display if picture.native is None else picture.native
        assert np.array_equal(native, expected), path.name


@pytest.mark.samples
def test_single_frames(samples: Path) -> None:
    folder = samples / "highdicom_testfiles"
    (picture,), faults = read(
        [folder / "ct_image.dcm"], [folder / "seg_image_ct_binary_single_frame.dcm"]
    )
    expected = dcmread(folder / "seg_image_ct_binary_single_frame.dcm").pixel_array > 0
    assert faults == []
    assert np.array_equal(picture.annotations[0].mask, expected)
    assert picture.annotations[0].volume_ml is None  # one slice has no extent across


@pytest.mark.samples
def test_what_annotates_nothing_here_is_a_region_fault(
    samples: Path, ct_series: list[Path]
) -> None:
    pictures, faults = read(ct_series, [samples / "pydicom_testfiles/liver_1frame.dcm"])
    assert [(f.reason, f.scope) for f in faults] == [("reference_unknown", "region")]
    assert len(pictures) == 4
    assert all(not p.annotations and not p.complete for p in pictures)
    _, faults = read(ct_series, [samples / "pydicom_testfiles/CT_small.dcm"])
    assert [f.scope for f in faults] == ["region"]


def segmentation(
    folder: Path, write: Writer, grid: np.ndarray, **changes: Any
) -> tuple[list[Path], Path]:
    """A CT series and a SEG of it made by highdicom: segment 1 the L, segment 2 the dot (left)."""
    paths = [
        write(
            folder / f"{i}.dcm", layer, ImagePositionPatient=[0, 0, 4 * i], InstanceNumber=i + 1,
            SOPInstanceUID=f"1.2.3.6.{i}", PatientName="", PatientBirthDate="", PatientSex="",
            StudyDate="", StudyTime="", AccessionNumber="", StudyID="", SeriesNumber=1,
            PatientID="p", ReferringPhysicianName="", PositionReferenceIndicator="", SliceThickness=4,
        )
        for i, layer in enumerate(grid)
    ]  # fmt: skip
    from highdicom.sr.coding import CodedConcept
    from pydicom.uid import generate_uid

    codes = CodedConcept("85756007", "SCT", "Tissue")
    described = [
        highdicom.seg.SegmentDescription(
            n, label, codes, codes, highdicom.seg.SegmentAlgorithmTypeValues.MANUAL,
            tracking_uid=generate_uid(entropy_srcs=[label]), tracking_id=label,
        )
        for n, label in ((1, "ell"), (2, "dot"))
    ]  # fmt: skip
    masks = np.stack([grid == 1000, grid == 400], axis=-1)
    seg = highdicom.seg.Segmentation(
        source_images=[dcmread(p) for p in paths], pixel_array=masks.astype(np.uint8),
        segmentation_type="BINARY", segment_descriptions=described, series_number=9,
        series_instance_uid="1.2.3.7", sop_instance_uid="1.2.3.8", instance_number=1,
        manufacturer="m", manufacturer_model_name="m", software_versions="1", device_serial_number="1",
        omit_empty_frames=True,
    )  # fmt: skip
    for name, value in changes.items():
        setattr(seg, name, value)
    seg.save_as(folder / "seg.dcm")
    return paths, folder / "seg.dcm"


def test_volumes_instances_and_slices(
    tmp_path: Path, marker: np.ndarray, write_dicom: Writer
) -> None:
    paths, seg = segmentation(tmp_path, write_dicom, marker)
    pictures, faults = read(paths[::-1], [seg])
    assert faults == []
    assert [len(p.annotations) for p in pictures] == [0, 1, 0, 0, 1, 0]
    ell, dot = pictures[1].annotations[0], pictures[4].annotations[0]
    assert np.array_equal(ell.mask, marker[1] == 1000)
    assert (ell.label, ell.instance, ell.truncated) == ("ell", "segment 1", False)
    assert ell.volume_ml == pytest.approx(7 * 2 * 3 * 4 / 1000)
    assert dot.volume_ml == pytest.approx(2 * 3 * 4 / 1000)
    cut = Cut(planes=("coronal",), max_slices=99)
    pictures, _ = read(paths, [seg], cut)
    for picture in pictures:
        for a in picture.annotations:
            assert np.array_equal(a.mask, picture.native == {"ell": 1000, "dot": 400}[a.label])
    assert sum(len(p.annotations) for p in pictures) == 6


def test_frames_without_references_are_placed_by_position(
    tmp_path: Path, marker: np.ndarray, write_dicom: Writer
) -> None:
    paths, path = segmentation(tmp_path, write_dicom, marker)
    seg = dcmread(path)
    for group in seg.PerFrameFunctionalGroupsSequence:
        del group.DerivationImageSequence
    seg.save_as(path)
    pictures, faults = read(paths, [path])
    assert faults == []
    assert [len(p.annotations) for p in pictures] == [0, 1, 0, 0, 1, 0]


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (
            lambda g: setattr(g.PlanePositionSequence[0], "ImagePositionPatient", [3, 0, 4]),
            "mask_geometry_differs",
        ),
        (
            lambda g: setattr(g.SegmentIdentificationSequence[0], "ReferencedSegmentNumber", 9),
            "annotation_malformed",
        ),
    ],
)
def test_a_segmentation_that_does_not_fit(
    tmp_path: Path,
    marker: np.ndarray,
    write_dicom: Writer,
    change: Callable[[Any], None],
    reason: str,
) -> None:
    paths, path = segmentation(tmp_path, write_dicom, marker)
    seg = dcmread(path)
    change(seg.PerFrameFunctionalGroupsSequence[0])
    seg.save_as(path)
    pictures, faults = read(paths, [path])
    assert [(f.reason, f.scope) for f in faults] == [(reason, "region")]
    assert len(pictures) == 6
    assert not any(p.annotations or p.complete for p in pictures)


def test_a_missing_slice_takes_the_volume_away(
    tmp_path: Path, marker: np.ndarray, write_dicom: Writer
) -> None:
    marker[2, 1, 2] = 1000  # the L goes on in the next slice
    paths, seg = segmentation(tmp_path, write_dicom, marker)
    pictures, faults = read(paths[:1] + paths[2:], [seg])
    ell = [a for p in pictures for a in p.annotations if a.label == "ell"]
    assert faults == []
    assert [a.volume_ml for a in ell] == [None]
