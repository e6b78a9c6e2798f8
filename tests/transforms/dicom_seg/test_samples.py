"""Real volumes and series: out and back, voxel for voxel."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from pydicom import dcmread

from schemas.reject import Fault
from transforms.dicom_seg.derived import Origin, derived_series
from transforms.dicom_seg.marked import Labelled, Marked
from transforms.dicom_seg.read import canonical_grid, read_regions, stack_of
from transforms.dicom_seg.reference import references
from transforms.dicom_seg.write import Writing, as_bytes, write_segmentations
from transforms.formats.cutting import canonical
from transforms.formats.dicom_read import read_dicom
from transforms.formats.nifti import read_volume
from transforms.formats.nifti_header import read_header
from transforms.formats.nifti_labels import read_structures
from transforms.formats.volume import Cut, LabelVolume
from transforms.picture import Picture

from .conftest import DATE
from .test_round_trip import export, full

highdicom = pytest.importorskip("highdicom", reason="needs the extra `dicom`")
pytestmark = pytest.mark.samples
CT_STORAGE = "1.2.840.10008.5.1.4.1.1.2"
CT = "totalsegmentator_example/tests/reference_files"


def regions_of(layer: np.ndarray) -> tuple[Marked, ...]:
    values = [int(v) for v in np.unique(layer) if v]
    return tuple(
        Marked(f"vreg-{v}", 0, v, "liver", "organ", "unknown", "annotation:ts@1", "automatic")
        for v in values
    )


def canonical_values(path: Path) -> tuple[np.ndarray, np.ndarray]:
    volume = canonical(read_volume(path, read_header(path)))
    assert volume.affine is not None
    return np.ascontiguousarray(volume.values), volume.affine


def test_a_nifti_volume_with_all_its_structures(tmp_path: Path, samples: Path) -> None:
    values, affine = canonical_values(samples / CT / "example_ct_sm.nii.gz")
    layer, own = canonical_values(samples / CT / "example_seg.nii.gz")
    layer = layer.astype(np.uint8)
    assert np.allclose(own, affine)
    origin = Origin("vol-1", "key", "study", "t", DATE, "0")
    images = list(derived_series(values, affine, "CT", origin, hounsfield=True))
    paths = [tmp_path / f"{n}.dcm" for n in range(len(images))]
    for path, ds in zip(paths, images, strict=True):
        path.write_bytes(as_bytes(ds))
    labelled = Labelled((layer,), affine, regions_of(layer))
    assert len(labelled.regions) > 40
    (made,) = write_segmentations(labelled, images, Writing("vol-1", DATE, "0"))
    (tmp_path / "seg.dcm").write_bytes(as_bytes(made))
    stack = stack_of(paths)
    back = np.zeros(layer.shape, np.uint8)
    for found in read_regions([tmp_path / "seg.dcm"], stack):
        back[full(found, back.shape)] = int(found.tracking.removeprefix("vreg-"))
    assert np.array_equal(back, layer)
    assert np.allclose(canonical_grid(stack)[1], affine, atol=1e-4)
    seg = highdicom.seg.segread(tmp_path / "seg.dcm")
    theirs = seg.get_pixels_by_source_instance(
        [ds.SOPInstanceUID for ds in images],
        combine_segments=True,
        assert_missing_frames_are_empty=True,
    )  # [image, row, column] of segment numbers, which count the regions from 1
    values = np.array([0, *(region.value for region in labelled.regions)], np.uint8)
    assert np.array_equal(values[theirs], layer)


def test_a_dicom_series_is_referred_to_and_takes_its_segmentation_in_again(
    tmp_path: Path, samples: Path
) -> None:
    originals = sorted((samples / CT / "example_ct_dicom").iterdir())
    with pytest.raises(Fault, match="meta_missing"):  # whoever de-identified it emptied its UIDs
        references(stack_of(originals), "key")
    paths = []
    for n, path in enumerate(originals):
        ds = dcmread(path)
        ds.StudyInstanceUID, ds.SeriesInstanceUID = "1.2.3.1", "1.2.3.2"
        ds.SOPClassUID, ds.SOPInstanceUID = CT_STORAGE, f"1.2.3.3.{n}"
        paths.append(tmp_path / f"{n * 7 % 20}.dcm")
        ds.save_as(paths[-1])
    stack = stack_of(paths)
    layer, affine = canonical_values(samples / CT / "example_seg_dicom.nii.gz")
    layer = layer.astype(np.uint8)
    labelled = Labelled((layer,), affine, regions_of(layer))
    segs, _ = export(labelled, paths, Writing("vol-1", DATE, "0"), tmp_path)
    seg = dcmread(segs[0])
    named = {i.ReferencedSOPInstanceUID for i in seg.ReferencedSeriesSequence[0].ReferencedInstanceSequence}  # fmt: skip
    assert named == {f"1.2.3.3.{n}" for n in range(20)}
    for found in read_regions(segs, stack):
        assert np.array_equal(full(found, layer.shape), layer == int(found.tracking[5:]))
    # and by the way of every source: pictures with masks
    cut = Cut(planes=("axial",), max_slices=99, prefer="even")
    pictures = list(read_dicom(paths, cut=cut, seg=segs))
    assert all(isinstance(p, Picture) for p in pictures)
    seen = sum(int(a.mask.sum()) for p in pictures for a in p.annotations)
    assert seen == np.count_nonzero(layer)


@pytest.mark.parametrize("name", ["ct_binary", "ct_binary_overlap", "ct_binary_fractional"])
def test_a_segmentation_by_others_comes_in_and_goes_out_again(
    tmp_path: Path, samples: Path, name: str
) -> None:
    paths = sorted((samples / "pydicom_testfiles/dicomdirtests/77654033/CT2").iterdir())
    stack = stack_of(paths)
    theirs = samples / f"highdicom_testfiles/seg_image_{name}.dcm"
    found = read_regions([theirs], stack)
    shape, affine = canonical_grid(stack)
    layers, regions = [], []
    for n, one in enumerate(found):
        layers.append(full(one, shape).astype(np.uint8))
        regions.append(
            Marked(
                f"vreg-{n}", n, 1, one.structure.label, "unknown", "unknown", "x@1", one.algorithm
            )
        )
    labelled = Labelled(tuple(layers), affine, tuple(regions))
    placed = labelled.on_grid(stack.affine, stack.shape)
    kinds = {}
    for kind in ("auto", "labelmap", "binary"):
        writing = replace(Writing("vol-1", DATE, "0"), kind=kind)
        segs = []
        for n, ds in enumerate(write_segmentations(placed, references(stack, "key"), writing)):
            segs.append(tmp_path / f"{kind}-{n}.dcm")
            segs[-1].write_bytes(as_bytes(ds))
        kinds[kind] = len(segs)
        again = read_regions(segs, stack)
        assert [a.structure.label for a in again] == [f.structure.label for f in found]
        for a, f in zip(again, found, strict=True):
            assert np.array_equal(full(a, shape), full(f, shape))
    assert kinds["labelmap"] == len(layers)


def test_label_volume_reader_is_not_needed_for_the_phantom(samples: Path) -> None:
    """The label files say the same through the reader of structures as through their values."""
    header = read_header(samples / CT / "example_ct_sm.nii.gz")
    layer, _ = canonical_values(samples / CT / "example_seg.nii.gz")
    labels = LabelVolume(samples / CT / "example_seg.nii.gz", {}, objects="x")
    structures, _, faults = read_structures(labels, header)
    assert faults == []
    assert {int(s.instance or 0): int(s.mask.sum()) for s in structures} == {
        int(v): int((layer == v).sum()) for v in np.unique(layer) if v
    }
