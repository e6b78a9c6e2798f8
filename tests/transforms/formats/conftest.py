"""Phantoms with a marker that no flip, turn or shift maps to itself."""

import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

SERIES, STUDY, FRAME = "1.2.3.10", "1.2.3.1", "1.2.3.99"


@pytest.fixture
def marker() -> np.ndarray:
    """[H, P, L] = [6, 10, 14] int16: foot to head, front to back, right to left.

    A bright L at the patient's right front, low; a dim dot at the left back, high.
    """
    grid = np.zeros((6, 10, 14), np.int16)
    grid[1, 1:6, 2] = 1000  # from front to back, on the right
    grid[1, 5, 2:5] = 1000  # then towards the left
    grid[4, 8, 12] = 400
    return grid


@pytest.fixture
def write_dicom() -> Callable[..., Path]:
    return dicom_file


def dicom_file(
    path: Path, pixels: np.ndarray, *, syntax: str | None = None, **attributes: Any
) -> Path:
    """A CT file of `pixels` ([H, W] or [H, W, 3], integers), attributes replaced as given.

    A value of None removes an attribute. `syntax` compresses with pydicom.
    """
    from pydicom.dataset import Dataset, FileDataset, FileMetaDataset
    from pydicom.uid import CTImageStorage, ExplicitVRLittleEndian

    ds = FileDataset(str(path), Dataset(), preamble=b"\0" * 128)
    ds.file_meta = FileMetaDataset()
    ds.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    ds.SOPClassUID = CTImageStorage
    ds.SOPInstanceUID = f"1.2.3.4.{zlib.crc32(path.name.encode())}"
    ds.StudyInstanceUID, ds.SeriesInstanceUID, ds.FrameOfReferenceUID = STUDY, SERIES, FRAME
    ds.Modality, ds.PatientID = "CT", "secret-id"
    ds.ImageOrientationPatient = [1, 0, 0, 0, 1, 0]
    ds.ImagePositionPatient = [0, 0, 0]
    ds.PixelSpacing = [2, 3]
    ds.Rows, ds.Columns = pixels.shape[:2]
    ds.SamplesPerPixel = pixels.shape[2] if pixels.ndim == 3 else 1
    ds.PhotometricInterpretation = "RGB" if pixels.ndim == 3 else "MONOCHROME2"
    if pixels.ndim == 3:
        ds.PlanarConfiguration = 0
    bits = pixels.dtype.itemsize * 8
    ds.BitsAllocated, ds.BitsStored, ds.HighBit = bits, bits, bits - 1
    ds.PixelRepresentation = int(pixels.dtype.kind == "i")
    ds.RescaleSlope, ds.RescaleIntercept = 1, 0
    ds.PixelData = pixels.tobytes() + b"\0" * (pixels.nbytes % 2)
    for name, value in attributes.items():
        if value is None:
            delattr(ds, name)
        else:
            setattr(ds, name, value)
    ds.file_meta.MediaStorageSOPClassUID = ds.get("SOPClassUID", CTImageStorage)
    ds.file_meta.MediaStorageSOPInstanceUID = ds.get("SOPInstanceUID", "1.2.3.4.5")
    if syntax is not None:
        ds.compress(syntax, generate_instance_uid=False)
    ds.save_as(path, enforce_file_format=True)
    return path
