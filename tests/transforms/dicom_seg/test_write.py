"""Bytes, identity, numbers of segments, and what is refused."""

import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
from pydicom import dcmread

from schemas.reject import Fault
from transforms.dicom_seg.marked import Labelled, Marked
from transforms.dicom_seg.read import read_regions, stack_of
from transforms.dicom_seg.reference import references
from transforms.dicom_seg.uids import uid_of
from transforms.dicom_seg.write import Writing, as_bytes, write_segmentations

from .conftest import GRIDS, SHAPE, marked, structures
from .test_round_trip import export, full

pytest.importorskip("highdicom", reason="needs the extra `dicom`")
AFFINE = GRIDS["oblique"]
SECRETS = {
    "PatientName": "SECRET^NAME", "PatientID": "SECRET-1", "PatientBirthDate": "19440404",
    "PatientSex": "O", "StudyDate": "20040404", "StudyTime": "040404", "AccessionNumber": "SECRET-2",
    "StudyID": "SECRET-3", "ReferringPhysicianName": "SECRET^DOCTOR", "InstitutionName": "SECRET-4",
    "StudyDescription": "SECRET-5", "OtherPatientIDs": "SECRET-6", "PatientComments": "SECRET-7",
    "PatientAge": "044Y", "PatientSize": 1.8444, "DeviceSerialNumber": "SECRET-8",
    "Manufacturer": "SECRET-9", "ContentDate": "20040404", "SpecificCharacterSet": "ISO_IR 100",
}  # fmt: skip


def test_bytes_do_not_depend_on_time_or_process(
    tmp_path: Path, write_series: Callable[..., list[Path]], writing: Writing
) -> None:
    paths = write_series(AFFINE)
    labelled = marked(structures(), AFFINE)
    first = export(labelled, paths, writing, tmp_path)[1]
    assert first == export(labelled, paths, writing, tmp_path)[1]
    code = (
        "import sys, hashlib; sys.path.insert(0, '.')\n"
        "from pathlib import Path\n"
        "from tests.transforms.dicom_seg.conftest import *\n"
        "from tests.transforms.dicom_seg.test_round_trip import export\n"
        f"paths = [Path(p) for p in {[str(p) for p in paths]!r}]\n"
        f"labelled = marked(structures(), GRIDS['oblique'])\n"
        f"out = export(labelled, paths, Writing('vol-1', DATE, '0.0'), Path({str(tmp_path)!r}))[1]\n"
        "print(hashlib.sha256(out[0]).hexdigest())"
    )
    import hashlib

    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == hashlib.sha256(first[0]).hexdigest()


def test_other_content_has_another_uid(
    tmp_path: Path, write_series: Callable[..., list[Path]], writing: Writing
) -> None:
    paths = write_series(AFFINE)
    one = marked(structures(), AFFINE)
    moved = replace(one, layers=(np.roll(one.layers[0], 1, axis=2), *one.layers[1:]))
    renamed = replace(one, regions=(replace(one.regions[0], label="spleen"), *one.regions[1:]))
    uids = [
        dcmread(BytesIO(export(x, paths, writing, tmp_path)[1][0])).SOPInstanceUID
        for x in (one, moved, renamed)
    ]
    assert len(set(uids)) == 3


def test_nothing_of_a_person_is_copied(
    tmp_path: Path, write_series: Callable[..., list[Path]], writing: Writing
) -> None:
    paths = write_series(AFFINE)
    for path in paths:
        ds = dcmread(path)
        for keyword, value in SECRETS.items():
            setattr(ds, keyword, value)
        ds.save_as(path)
    _, (content,) = export(marked(structures(), AFFINE), paths, writing, tmp_path)
    for value in SECRETS.values():
        if len(str(value)) > 4:
            assert str(value).encode() not in content or value == "ISO_IR 100", value
    seg = dcmread(BytesIO(content))
    assert (seg.PatientID, seg.PatientName, seg.PatientIdentityRemoved) == ("key-1", "", "YES")
    assert not seg.PatientSex
    assert "PatientAge" not in seg
    assert not seg.StudyDate
    image = dcmread(paths[0])
    for keyword in ("StudyInstanceUID", "FrameOfReferenceUID"):
        assert seg[keyword].value == image[keyword].value
    named = {
        i.ReferencedSOPInstanceUID
        for i in seg.ReferencedSeriesSequence[0].ReferencedInstanceSequence
    }
    assert named == {dcmread(p).SOPInstanceUID for p in paths}


@pytest.mark.parametrize(("count", "bits"), [(255, 8), (300, 16)])
def test_more_segments_than_a_byte(
    tmp_path: Path, write_series: Callable[..., list[Path]], writing: Writing, count: int, bits: int
) -> None:
    layer = np.zeros(SHAPE, np.uint16)
    layer.ravel()[: count * 2 : 2] = np.arange(count) * 3 + 5  # gaps between values
    regions = tuple(
        Marked(f"vreg-{n}", 0, n * 3 + 5, "lymph node", "organ", "unknown", "annotation:x@1", "manual")
        for n in range(count)
    )  # fmt: skip
    labelled = Labelled((layer,), AFFINE, regions)
    paths = write_series(AFFINE)
    segs, (content,) = export(labelled, paths, writing, tmp_path)
    assert dcmread(BytesIO(content)).BitsAllocated == bits
    found = {i.tracking: full(i, SHAPE) for i in read_regions(segs, stack_of(paths))}
    assert len(found) == count
    for n in (0, 1, count - 2, count - 1):
        assert found[f"vreg-{n}"].sum() == (layer == n * 3 + 5).sum() == 1


def test_frames_of_an_odd_number_of_pixels(
    tmp_path: Path, write_series: Callable[..., list[Path]], writing: Writing
) -> None:
    """An encoder that pydicom would take first ends the process on them."""
    whole = marked(structures()[:2], AFFINE)
    odd = replace(whole, layers=(np.ascontiguousarray(whole.layers[0][:, :9, :13]),))
    values = np.arange(7 * 9 * 13, dtype=np.int16).reshape(7, 9, 13)
    paths = write_series(AFFINE, "CT", values)
    segs, (content,) = export(odd, paths, writing, tmp_path)
    assert dcmread(BytesIO(content)).file_meta.TransferSyntaxUID.name == "RLE Lossless"
    for found, region in zip(read_regions(segs, stack_of(paths)), odd.regions, strict=True):
        mask = full(found, (7, 9, 13))
        assert mask.sum() == (odd.layers[0] == region.value).sum() > 0


def test_values_without_a_region_are_left_out(
    tmp_path: Path, write_series: Callable[..., list[Path]], writing: Writing
) -> None:
    labelled = marked(structures()[:2], AFFINE)
    paths = write_series(AFFINE)
    part = replace(labelled, regions=labelled.regions[1:])
    segs, _ = export(part, paths, writing, tmp_path)
    (only,) = read_regions(segs, stack_of(paths))
    assert only.structure.label == "left kidney"
    assert only.structure.mask.sum() == 2


def test_refusals(
    tmp_path: Path, write_series: Callable[..., list[Path]], writing: Writing
) -> None:
    labelled, paths = marked(structures(), AFFINE), write_series(AFFINE)
    stack = stack_of(paths)
    with pytest.raises(Fault, match="mask_geometry_differs"):
        labelled.on_grid(GRIDS["canonical"], SHAPE)
    with pytest.raises(Fault, match="mask_geometry_differs"):
        labelled.on_grid(AFFINE, (7, 10, 13))
    shifted = AFFINE.copy()
    shifted[0, 3] += 0.5
    with pytest.raises(Fault, match="mask_geometry_differs"):
        labelled.on_grid(shifted, SHAPE)
    with pytest.raises(Fault, match="mask_geometry_differs"):
        labelled.on_grid(None, SHAPE)
    lost = replace(stack, frames=(replace(stack.frames[0], position=None), *stack.frames[1:]))
    with pytest.raises(Fault, match="geometry_missing"):
        references(lost, "key")
    with pytest.raises(Fault, match="mask_empty"):
        write_segmentations(replace(labelled, regions=()), references(stack, "key"), writing)
    for keyword, reason in (
        ("FrameOfReferenceUID", "geometry_missing"),
        ("StudyInstanceUID", "meta_missing"),
    ):
        head = dcmread(paths[0])
        delattr(head, keyword)
        frames = (replace(stack.frames[0], header=head), *stack.frames[1:])
        with pytest.raises(Fault, match=reason):
            references(replace(stack, frames=frames), "key")


def test_uids_are_uuids_of_content() -> None:
    import uuid

    assert uid_of("a", 1) == uid_of("a", 1) != uid_of("a", 2)
    made = uuid.UUID(int=int(uid_of("a", 1).removeprefix("2.25.")))
    assert (made.version, made.variant) == (8, uuid.RFC_4122)


def test_as_bytes_is_a_dicom_file(write_series: Callable[..., list[Path]]) -> None:
    content = write_series(AFFINE)[0].read_bytes()
    assert as_bytes(dcmread(BytesIO(content))) == content
