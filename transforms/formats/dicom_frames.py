"""Frames: one shape for single images, slices of a series and frames of multi-frame objects.

What describes a frame may stand in its per-frame functional groups, in the shared ones, or at the
top of the data set (PS3.3 C.7.6.16); `Frame.group` looks in that order.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from schemas.reject import Fault
from transforms.formats.dicom_file import read_header
from transforms.formats.dicom_pixels import check_pixel_description, frame_count
from transforms.formats.dicom_values import (
    first,
    integer,
    items,
    numbers,
    sop_class,
    sop_instance,
    word,
)
from transforms.formats.flags import SPACING_AT_DETECTOR

if TYPE_CHECKING:
    from pydicom import Dataset

SEGMENTATIONS = ("1.2.840.10008.5.1.4.1.1.66.4", "1.2.840.10008.5.1.4.1.1.66.7")  # SEG, label map
PROJECTIONS = ("CR", "DX", "MG", "XA", "RF", "PX", "IO", "RG")  # PS3.3 C.7.3.1.1.1
UNIT_TOLERANCE = 1e-2  # rounding of cosines in real headers; beyond it they are no unit vectors


@dataclass(frozen=True)
class Frame:
    """One frame of one file, known by its header only.

    number       0-based in its file
    position     [3] mm LPS, centre of the first pixel, Image Position (Patient); None: not stated
    cosines      [2, 3] unit vectors along a row (+column), then down a column (+row); None
    spacing_mm   (between rows, between columns) in the patient; None: not stated
    spacing_flag  doubt about what is stated instead
    """

    path: Path
    header: "Dataset"
    number: int
    rows: int
    columns: int
    position: np.ndarray | None
    cosines: np.ndarray | None
    spacing_mm: tuple[float, float] | None
    spacing_flag: str | None

    @property
    def sop_uid(self) -> str:
        return sop_instance(self.header)

    @property
    def placed(self) -> bool:
        """Whether position and orientation in the patient are known."""
        return self.position is not None and self.cosines is not None

    @property
    def normal(self) -> np.ndarray:
        """[3] unit vector across the slice: row direction x column direction."""
        return np.cross(self.cosines[0], self.cosines[1])  # type: ignore[index]

    @property
    def height_mm(self) -> float:
        """Projection of the position on the normal: what slices are sorted by."""
        return float(self.position @ self.normal)  # type: ignore[operator]

    def group(self, sequence: str) -> "Dataset":
        """The functional group of this frame, the shared one, or the data set itself."""
        return functional_group(self.header, self.number, sequence) or self.header


def functional_group(ds: "Dataset", number: int, sequence: str) -> "Dataset | None":
    """First item of `sequence` for frame `number`: per-frame, else shared, else None."""
    per_frame = items(ds, "PerFrameFunctionalGroupsSequence")
    if number < len(per_frame) and (found := first(per_frame[number], sequence)) is not None:
        return found
    shared = first(ds, "SharedFunctionalGroupsSequence")
    return None if shared is None else first(shared, sequence)


def read_frames(path: Path) -> list[Frame]:
    """Every frame of a file, by its header. Raises Fault when the file holds no usable image."""
    ds, has_pixels = read_header(path)
    check_pixel_description(ds, has_pixels=has_pixels)
    if sop_class(ds) in SEGMENTATIONS:
        raise Fault("no_pixels", "a segmentation: it annotates images and is none itself")
    frames = list(frames_of(ds, path))
    acquisition_order(frames[0])  # so that a broken number is this file's fault, not the series'
    return frames


def acquisition_order(frame: Frame) -> tuple[int, int, str, int]:
    """A stable order of acquisition: acquisition and instance number, then UID and frame number."""
    header = frame.header
    return (
        integer(header, "AcquisitionNumber"), integer(header, "InstanceNumber"),
        frame.sop_uid, frame.number,
    )  # fmt: skip


def frames_of(ds: "Dataset", path: Path) -> Iterator[Frame]:
    """The frames a header describes."""
    offsets = numbers(ds, "GridFrameOffsetVector")
    for number in range(frame_count(ds)):
        cosines = _cosines(functional_group(ds, number, "PlaneOrientationSequence") or ds)
        position = _position(functional_group(ds, number, "PlanePositionSequence") or ds)
        if position is not None and cosines is not None and number < len(offsets):
            position = position + (offsets[number] - offsets[0]) * np.cross(*cosines)
        spacing, flag = _spacing(ds, number)
        yield Frame(
            path, ds, number, integer(ds, "Rows"), integer(ds, "Columns"),
            position, cosines, spacing, flag,
        )  # fmt: skip


def _position(ds: "Dataset") -> np.ndarray | None:
    found = numbers(ds, "ImagePositionPatient")
    if not found:
        return None
    if len(found) != 3:
        raise Fault("malformed_header", f"ImagePositionPatient of {len(found)} values")
    return np.array(found)


def _cosines(ds: "Dataset") -> np.ndarray | None:
    found = numbers(ds, "ImageOrientationPatient")
    if not found:
        return None
    if len(found) != 6:
        raise Fault("malformed_header", f"ImageOrientationPatient of {len(found)} values")
    pair = np.array(found).reshape(2, 3)
    lengths = np.linalg.norm(pair, axis=1)
    if np.abs(lengths - 1).max() > UNIT_TOLERANCE or abs(pair[0] @ pair[1]) > UNIT_TOLERANCE:
        raise Fault(
            "affine_singular", "the orientation cosines are no two perpendicular unit vectors"
        )
    return pair / lengths[:, None]


def _spacing(ds: "Dataset", number: int) -> tuple[tuple[float, float] | None, str | None]:
    """Pixel spacing in the patient, and a flag where the header states another one only.

    Pixel Spacing of a cross-section is in the patient. On a projection radiograph it is so when a
    calibration is stated or it differs from Imager Pixel Spacing; else, as Imager and Nominal Scanned
    Pixel Spacing, it is that of detector or film, which the patient is magnified on, and no
    millimetre of it is used. Source: PS3.3 10.7.1.3.
    """
    measures = functional_group(ds, number, "PixelMeasuresSequence")
    found = numbers(measures, "PixelSpacing") if measures is not None else []
    found = found or numbers(ds, "PixelSpacing")
    imager = numbers(ds, "ImagerPixelSpacing") or numbers(ds, "NominalScannedPixelSpacing")
    pair = _pair(found) if found else None
    detector = _pair(imager) if imager else None
    if detector is None and word(ds, "Modality") not in PROJECTIONS:
        return pair, None
    corrected = pair is not None and detector is not None and not np.allclose(pair, detector)
    if pair is not None and (corrected or word(ds, "PixelSpacingCalibrationType")):
        return pair, None
    return None, SPACING_AT_DETECTOR if pair or detector else None


def _pair(values: list[float]) -> tuple[float, float]:
    if len(values) != 2 or min(values) <= 0:
        raise Fault("spacing_invalid", f"pixel spacing {values}")
    return values[0], values[1]
