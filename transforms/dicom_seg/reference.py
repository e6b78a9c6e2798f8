"""The images a segmentation refers to, as headers that hold geometry and UIDs and nothing else."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from schemas.reject import Fault
from transforms.dicom_seg.identity import set_identity
from transforms.formats.dicom_frames import Frame
from transforms.formats.dicom_geometry import Stack
from transforms.formats.dicom_pixels import frame_count
from transforms.formats.dicom_values import sop_class, word

if TYPE_CHECKING:
    from pydicom import Dataset

UIDS = ("StudyInstanceUID", "SeriesInstanceUID", "FrameOfReferenceUID")
DIMENSIONS = ("DimensionOrganizationSequence", "DimensionIndexSequence")
GROUPS = ("SharedFunctionalGroupsSequence", "PerFrameFunctionalGroupsSequence")
KEPT_GROUPS = ("PlanePositionSequence", "PlaneOrientationSequence", "PixelMeasuresSequence")


def references(stack: Stack, patient_key: str) -> list["Dataset"]:
    """Headers of the instances of a stack: one a slice, or the one of a multi-frame object.

    Raises Fault meta_missing where an instance lacks a UID, geometry_missing without a place in the
    patient or a frame of reference, series_inconsistent where slices come from several objects.
    """
    for frame in stack.frames:
        _check(frame)
    objects = len({frame.sop_uid for frame in stack.frames})
    if objects == len(stack.frames):
        return [_single(frame, patient_key) for frame in stack.frames]
    if objects > 1:
        raise Fault("series_inconsistent", f"{objects} multi-frame objects make one volume")
    return [_multi(stack.frames[0], patient_key)]


def in_order_of(stack: Stack, layer: np.ndarray) -> np.ndarray:
    """A [s, r, c] layer of a stack in the order of the frames of `references(stack)`.

    A multi-frame object may hold its slices in any order, and frames that this stack does not.
    """
    head = stack.frames[0]
    if head.sop_uid != stack.frames[-1].sop_uid or len(stack.frames) == 1:
        return layer
    out = np.zeros((frame_count(head.header), *layer.shape[1:]), layer.dtype)
    for frame, values in zip(stack.frames, layer, strict=True):
        out[frame.number] = values
    return out


def _check(frame: Frame) -> None:
    missing = [k for k in UIDS[:2] if not word(frame.header, k)]
    if missing or not frame.sop_uid or not sop_class(frame.header):
        raise Fault("meta_missing", f"no {' or '.join(missing) or 'SOP UIDs'} to refer to")
    if not frame.placed or frame.spacing_mm is None or not word(frame.header, UIDS[2]):
        raise Fault("geometry_missing", "no place, no spacing or no frame of reference")


def _bare(frame: Frame, patient_key: str) -> "Dataset":
    from pydicom import Dataset

    ds = Dataset()
    ds.SOPClassUID, ds.SOPInstanceUID = sop_class(frame.header), frame.sop_uid
    for keyword in UIDS:
        setattr(ds, keyword, word(frame.header, keyword))
    ds.Modality = word(frame.header, "Modality") or "OT"
    ds.Rows, ds.Columns = frame.rows, frame.columns
    set_identity(ds, patient_key)
    return ds


def _single(frame: Frame, patient_key: str) -> "Dataset":
    ds = _bare(frame, patient_key)
    for keyword in ("ImageOrientationPatient", "ImagePositionPatient", "PixelSpacing"):
        _copy(frame.header, ds, keyword)
    for keyword in ("SliceThickness", "SpacingBetweenSlices"):
        _copy(frame.header, ds, keyword)
    return ds


def _multi(frame: Frame, patient_key: str) -> "Dataset":
    """A multi-frame object: its places only; functional groups may hold dates and names as well."""
    ds = _bare(frame, patient_key)
    ds.NumberOfFrames = frame.header.NumberOfFrames
    for keyword in DIMENSIONS:
        _copy(frame.header, ds, keyword)
    for keyword in GROUPS:
        if keyword in frame.header:
            setattr(ds, keyword, [_places(item) for item in frame.header[keyword].value])
    return ds


def _places(item: "Dataset") -> "Dataset":
    from pydicom import Dataset

    kept = Dataset()
    for keyword in KEPT_GROUPS:
        _copy(item, kept, keyword)
    return kept


def _copy(source: "Dataset", target: "Dataset", keyword: str) -> None:
    if keyword in source:
        target[keyword] = source[keyword]


def modality_of(references: Sequence["Dataset"]) -> str:
    """The DICOM modality of the images referred to."""
    return str(references[0].Modality)
