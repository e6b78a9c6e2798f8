"""Derived series, read back by our reader and by SimpleITK."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from pydicom import dcmread

from schemas.reject import Fault
from transforms.dicom_seg.derived import Origin, derived_series
from transforms.dicom_seg.read import stack_of

from .conftest import DATE, GRIDS, SHAPE

ORIGIN = Origin("vol-1", "key-1", "study-1", "phantom", DATE, "0.0")
WHOLE = np.arange(np.prod(SHAPE)).reshape(SHAPE)


@pytest.mark.parametrize("grid", GRIDS)
def test_values_and_places(write_series: Callable[..., list[Path]], grid: str) -> None:
    sitk = pytest.importorskip("SimpleITK")
    affine = GRIDS[grid]
    paths = write_series(affine)
    files = sitk.ImageSeriesReader.GetGDCMSeriesFileNames(str(paths[0].parent))
    image = sitk.ReadImage(files)
    read = sitk.GetArrayFromImage(image)
    for index in ((1, 2, 3), (6, 9, 13)):  # s, r, c of what was written
        place = affine @ (*index, 1)
        at = image.TransformPhysicalPointToIndex(place[:3].tolist())
        assert read[at[::-1]] == WHOLE[index] - 300
        assert np.allclose(image.TransformIndexToPhysicalPoint(at), place[:3], atol=1e-4)


@pytest.mark.parametrize(
    ("values", "error"),
    [
        ((WHOLE - 500).astype(np.int32), 0),
        ((WHOLE * 60).astype(np.int32), 0),  # beyond int16, within uint16
        ((WHOLE + 100_000).astype(np.int64), 0),
        ((WHOLE / 7).astype(np.float32), WHOLE.max() / 7 / 65535),
        (np.where(WHOLE == 5, np.nan, WHOLE * 0.01), WHOLE.max() * 0.01 / 65535),
    ],
)
def test_scaling(values: np.ndarray, error: float) -> None:
    read = []
    for ds in derived_series(values, GRIDS["oblique"], "MR", ORIGIN, hounsfield=False):
        read.append(ds.pixel_array * float(ds.RescaleSlope) + float(ds.RescaleIntercept))
    off = np.abs(np.array(read) - np.nan_to_num(values, nan=0.0))
    assert off.max() <= error


@pytest.mark.parametrize(
    ("modality", "written"), [("CT", "CT"), ("MR", "MR"), ("PT", "PT"), ("DMS", "OT")]
)
def test_kinds(write_series: Callable[..., list[Path]], modality: str, written: str) -> None:
    paths = write_series(GRIDS["oblique"], modality)
    ds = dcmread(paths[0])
    assert ds.Modality == written
    assert len({dcmread(p).SOPInstanceUID for p in paths}) == SHAPE[0]
    assert stack_of(paths).shape == SHAPE


def test_a_sheared_plane_is_refused() -> None:
    affine = GRIDS["canonical"].copy()
    affine[0, 1] = 0.5
    with pytest.raises(Fault, match="geometry_sheared"):
        next(derived_series(WHOLE, affine, "CT", ORIGIN, hounsfield=True))
    with pytest.raises(Fault, match="dimensions_unsupported"):
        next(
            derived_series(
                np.zeros((2, 3, 4, 3)), GRIDS["canonical"], "CT", ORIGIN, hounsfield=False
            )
        )
