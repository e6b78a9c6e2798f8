"""Source images in one multi-frame object, its slices in no order of place."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from pydicom import dcmread

from transforms.dicom_seg.read import read_regions, stack_of
from transforms.dicom_seg.write import Writing
from transforms.formats.geometry import axis_order, reorder

from .conftest import GRIDS, marked, structures
from .test_round_trip import export, full

highdicom = pytest.importorskip("highdicom", reason="needs the extra `dicom`")


@pytest.fixture
def multiframe(tmp_path: Path, write_series: Callable[..., list[Path]]) -> Path:
    """The phantom's derived series as one object, last slice first and the rest upwards."""
    slices = sorted(
        (dcmread(p) for p in write_series(GRIDS["oblique"])), key=lambda d: d.InstanceNumber
    )
    for ds in slices:
        ds.AcquisitionDate, ds.AcquisitionTime, ds.AcquisitionNumber = "20040404", "040404", 1
        ds.KVP, ds.PatientName, ds.FrameComments = "100", "SECRET^NAME", "SECRET"
    shuffled = [slices[-1], *slices[:-1]]
    made = highdicom.legacy.LegacyConvertedEnhancedCTImage(
        shuffled, series_instance_uid="1.2.3.50", series_number=5, sop_instance_uid="1.2.3.51",
        instance_number=1,
    )  # fmt: skip
    path = tmp_path / "multi" / "image.dcm"
    path.parent.mkdir()
    made.save_as(path)
    return path


def test_round_trip(tmp_path: Path, multiframe: Path, writing: Writing) -> None:
    affine = GRIDS["oblique"]
    labelled = marked(structures(), affine)
    segs, (content,) = export(labelled, [multiframe], writing, tmp_path)
    assert b"SECRET" not in content
    assert b"20040404" not in content
    stack = stack_of([multiframe])
    axes, flips = axis_order(affine)
    found = {i.tracking: i for i in read_regions(segs, stack)}
    for region in labelled.regions:
        mask = labelled.layers[region.layer] == region.value
        assert np.array_equal(full(found[region.id], stack.shape), reorder(mask, axes, flips))
    seg = highdicom.seg.segread(segs[0])
    for group in seg.PerFrameFunctionalGroupsSequence:
        (image,) = group.DerivationImageSequence[0].SourceImageSequence
        assert image.ReferencedSOPInstanceUID == "1.2.3.51"
        at = dcmread(multiframe).PerFrameFunctionalGroupsSequence[image.ReferencedFrameNumber - 1]
        place = at.PlanePositionSequence[0].ImagePositionPatient
        assert np.allclose(place, group.PlanePositionSequence[0].ImagePositionPatient)


def test_label_maps_as_well(tmp_path: Path, multiframe: Path, writing: Writing) -> None:
    labelled = marked(structures()[:2], GRIDS["oblique"])
    segs, _ = export(labelled, [multiframe], replace(writing, kind="labelmap"), tmp_path)
    found = read_regions(segs, stack_of([multiframe]))
    assert [i.structure.mask.sum() for i in found] == [8, 2]
