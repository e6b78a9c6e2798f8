"""A volume that is no DICOM series, written as one, so that a segmentation has images to refer to.

Classic single-frame objects, one a slice of the grid as it is: nothing is resampled. CT and MR take
the storage classes of their kind, everything else is a Secondary Capture with a place in the patient,
which viewers stack as they stack a CT. Values are stored as they are where they are whole numbers of
16 bits, else scaled to 16 bits with the slope stated.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from schemas.reject import Fault
from transforms.dicom_seg.identity import set_identity
from transforms.dicom_seg.uids import uid_of

if TYPE_CHECKING:
    from pydicom import Dataset

CT, MR = "1.2.840.10008.5.1.4.1.1.2", "1.2.840.10008.5.1.4.1.1.4"
SECONDARY_CAPTURE = "1.2.840.10008.5.1.4.1.1.7"
DICOM_MODALITIES = ("CT", "MR", "PT", "NM", "US", "OCT", "XA")  # codes that (0008,0060) knows, too
PERPENDICULAR = 1e-3  # cosine between rows and columns beyond which DICOM cannot state the plane
DS_CHARACTERS = 16


@dataclass(frozen=True)
class Origin:
    """What the derived objects say of where they come from. All words are ours, none the patient's.

    key       names the volume; every UID is a function of it
    date      YYYYMMDD, of the content
    version   of the software that writes
    """

    key: str
    patient_key: str
    study_key: str
    title: str
    date: str
    version: str


def derived_series(
    values: np.ndarray,
    affine: np.ndarray,
    modality: str | None,
    origin: Origin,
    *,
    hounsfield: bool,
) -> Iterator["Dataset"]:
    """One data set a slice of `values` [s, r, c] numbers; `affine` maps its indices to LPS mm.

    Raises Fault geometry_sheared where rows and columns are not perpendicular, dimensions_unsupported
    for colour.
    """
    if values.ndim != 3:
        raise Fault("dimensions_unsupported", "a colour volume has no derived DICOM series")
    cosines, spacing, step = _plane(affine)
    scale = _scaled(values)
    for index in range(values.shape[0]):
        ds = _object(modality, origin, index, hounsfield=hounsfield)
        ds.ImageOrientationPatient = [_ds(v) for v in cosines.ravel()]
        ds.ImagePositionPatient = [_ds(v) for v in affine[:3, 3] + index * affine[:3, 0]]
        ds.PixelSpacing = [_ds(v) for v in spacing]
        ds.SliceThickness = ds.SpacingBetweenSlices = _ds(step)
        _pixels(ds, values[index], scale)
        yield ds


def _plane(affine: np.ndarray) -> tuple[np.ndarray, tuple[float, float], float]:
    """([2, 3] cosines of row and column direction, (row, column) spacing, distance of slices)."""
    lengths = np.linalg.norm(affine[:3, :3], axis=0)
    down, along = affine[:3, 1] / lengths[1], affine[:3, 2] / lengths[2]
    if abs(float(down @ along)) > PERPENDICULAR:
        raise Fault("geometry_sheared", "rows and columns of the grid are not perpendicular")
    normal = np.cross(along, down)
    step = float(affine[:3, 0] @ (normal / np.linalg.norm(normal)))
    return np.stack([along, down]), (float(lengths[1]), float(lengths[2])), abs(step)


@dataclass(frozen=True)
class _Scale:
    """value = stored * slope + intercept; `signed`: stored as int16, else uint16."""

    slope: float
    intercept: float
    signed: bool


def _scaled(values: np.ndarray) -> _Scale:
    """The scale that keeps whole numbers exactly, else the finest that 16 bits allow."""
    finite = values[np.isfinite(values)] if values.dtype.kind == "f" else values
    if not finite.size:
        raise Fault("no_pixels", "the volume has no finite value")
    low, high = float(finite.min()), float(finite.max())
    whole = values.dtype.kind in "iub" or np.array_equal(finite, np.rint(finite))
    if whole and low >= -32768 and high <= 32767:
        return _Scale(1.0, 0.0, True)
    if whole and high - low <= 65535:
        return _Scale(1.0, low, False)
    return _Scale(float(_ds((high - low) / 65535 or 1.0)), float(_ds(low)), False)


def _pixels(ds: "Dataset", values: np.ndarray, scale: _Scale) -> None:
    kind = np.int16 if scale.signed else np.uint16
    info = np.iinfo(kind)
    plain = np.nan_to_num(values.astype(np.float64), nan=scale.intercept)
    stored = np.clip(np.rint((plain - scale.intercept) / scale.slope), info.min, info.max)
    ds.Rows, ds.Columns = values.shape
    ds.SamplesPerPixel, ds.PhotometricInterpretation = 1, "MONOCHROME2"
    ds.BitsAllocated = ds.BitsStored = 16
    ds.HighBit, ds.PixelRepresentation = 15, int(scale.signed)
    ds.RescaleSlope, ds.RescaleIntercept = _ds(scale.slope), _ds(scale.intercept)
    ds.PixelData = stored.astype(kind).astype(np.dtype(kind).newbyteorder("<")).tobytes()


def _object(modality: str | None, origin: Origin, index: int, *, hounsfield: bool) -> "Dataset":
    """Everything but geometry and pixels."""
    from pydicom.dataset import FileDataset, FileMetaDataset
    from pydicom.uid import UID, ExplicitVRLittleEndian

    known = UID({"CT": CT, "MR": MR}.get(modality or "", SECONDARY_CAPTURE))
    meta = FileMetaDataset()
    meta.TransferSyntaxUID = ExplicitVRLittleEndian
    meta.MediaStorageSOPClassUID = known
    meta.MediaStorageSOPInstanceUID = UID(uid_of("image", origin.key, index))
    meta.ImplementationClassUID = UID(uid_of("medgrain"))
    meta.ImplementationVersionName = f"MEDGRAIN_{origin.version}"[:16]
    ds = FileDataset("", {}, file_meta=meta, preamble=b"\0" * 128)
    ds.SOPClassUID, ds.SOPInstanceUID = known, meta.MediaStorageSOPInstanceUID
    set_identity(ds, origin.patient_key)
    ds.StudyInstanceUID = uid_of("study", origin.study_key)
    ds.SeriesInstanceUID = uid_of("images", origin.key)
    ds.FrameOfReferenceUID = uid_of("frame", origin.key)
    ds.PositionReferenceIndicator = ""
    ds.Modality = modality if modality in DICOM_MODALITIES else "OT"
    ds.SeriesNumber, ds.InstanceNumber, ds.AcquisitionNumber = 1, index + 1, ""
    ds.SeriesDescription = origin.title[:64]
    ds.ContentDate, ds.ContentTime = origin.date, "000000"
    ds.Manufacturer, ds.ManufacturerModelName = "medgrain", "medgrain"
    ds.SoftwareVersions = origin.version
    ds.ImageType = ["DERIVED", "SECONDARY", *(["AXIAL"] if known == CT else [])]
    ds.DerivationDescription = "Written from a volume in another format; nothing was resampled."
    ds.update(_of_kind(known, hounsfield=hounsfield))
    return ds


def _of_kind(sop_class: str, *, hounsfield: bool) -> "Dataset":
    """What the module of each storage class demands beyond that (PS3.3 C.8.2.1, C.8.3.1, C.8.6.1)."""
    from pydicom import Dataset

    ds = Dataset()
    if sop_class == CT:
        ds.KVP, ds.RescaleType = None, "HU" if hounsfield else "US"
    elif sop_class == MR:
        ds.ScanningSequence, ds.SequenceVariant, ds.ScanOptions = "RM", "NONE", ""
        ds.MRAcquisitionType = ""
        ds.EchoTime = ds.RepetitionTime = ds.EchoTrainLength = None
    else:
        ds.ConversionType = "WSD"
    return ds


def _ds(value: float) -> str:
    """A decimal string of at most 16 characters, as near to `value` as those allow."""
    from pydicom.valuerep import format_number_as_ds

    return format_number_as_ds(0.0 if value == 0 else float(value))
