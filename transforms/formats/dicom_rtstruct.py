"""RT structure sets: contours in the patient to masks on the slices they lie on. PS3.3 C.8.8.6."""

from collections import defaultdict
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from schemas.reject import Fault
from transforms.formats.dicom_file import read_header
from transforms.formats.dicom_frames import Frame
from transforms.formats.dicom_geometry import Stack
from transforms.formats.dicom_values import integer, items, numbers, word
from transforms.formats.structures import Structure, structure_of_slices

if TYPE_CHECKING:
    from pydicom import Dataset

CLOSED = ("CLOSED_PLANAR", "CLOSEDPLANAR_XOR")
MAX_POINTS = 1 << 20  # of one contour


def read_rtstruct(path: Path) -> "Dataset":
    """The structure set. Raises Fault."""
    ds, _ = read_header(path)
    if not items(ds, "ROIContourSequence"):
        raise Fault("annotation_malformed", "no contours")
    roi_names(ds)  # whatever is broken in them shows here
    return ds


def roi_names(ds: "Dataset") -> dict[int, str]:
    """ROI number -> ROI name."""
    return {
        integer(item, "ROINumber"): word(item, "ROIName") or f"ROI {integer(item, 'ROINumber')}"
        for item in items(ds, "StructureSetROISequence")
    }


def contours_on_stack(ds: "Dataset", stack: Stack) -> list[Structure] | None:
    """Every ROI with closed contours on this stack; None when no contour lies on it.

    A pixel belongs to an ROI when its centre lies inside an odd number of its contours on that
    slice, so an inner contour is a hole and separate contours are parts. Contours of other kinds
    (points, open lines) enclose nothing and are left out. Raises Fault.
    """
    names = roi_names(ds)
    found: dict[int, dict[int, np.ndarray]] = defaultdict(dict)
    lost: set[int] = set()
    for roi in items(ds, "ROIContourSequence"):
        number = integer(roi, "ReferencedROINumber")
        for contour in items(roi, "ContourSequence"):
            if word(contour, "ContourGeometricType").upper() not in CLOSED:
                continue
            points = _points(contour)
            index = _slice_of(contour, points, stack)
            if index is None:
                lost.add(number)
                continue
            mask = polygon_mask(points, stack.frames[index])
            before = found[number].get(index)
            found[number][index] = mask if before is None else before ^ mask
    if not found:
        return None
    out = []
    for number in sorted(found):
        structure = structure_of_slices(
            found[number], names.get(number, f"ROI {number}"), shape=stack.shape,
            voxel_ml=None if number in lost else stack.voxel_ml,
        )  # fmt: skip
        out += [structure] if structure is not None else []
    return out


def _points(contour: "Dataset") -> np.ndarray:
    """[N, 3] mm LPS."""
    values = numbers(contour, "ContourData")
    if len(values) < 9 or len(values) % 3 or len(values) > 3 * MAX_POINTS:
        raise Fault("annotation_malformed", f"contour of {len(values)} coordinates")
    return np.array(values).reshape(-1, 3)


def _slice_of(contour: "Dataset", points: np.ndarray, stack: Stack) -> int | None:
    """The slice the contour names, else the nearest within half a gap; None where there is none."""
    named = {
        word(i, "ReferencedSOPInstanceUID") for i in items(contour, "ContourImageSequence")
    } - {""}
    for i, frame in enumerate(stack.frames):
        if frame.sop_uid in named:
            return i
    if named or not stack.frames[0].placed:
        return None
    heights = np.array([f.height_mm for f in stack.frames])
    height = float(np.median(points @ stack.frames[0].normal))
    nearest = int(np.abs(heights - height).argmin())
    reach = 0.5 * (stack.gap_mm or 1.0)
    return nearest if abs(heights[nearest] - height) <= reach else None


def polygon_mask(points: np.ndarray, frame: Frame) -> np.ndarray:
    """[H, W] bool: pixel centres inside the polygon of `points` ([N, 3] mm LPS)."""
    from skimage.draw import polygon

    if not frame.placed or frame.spacing_mm is None:
        raise Fault("geometry_missing", "the contoured image does not state its place")
    offsets = points - frame.position
    columns = offsets @ frame.cosines[0] / frame.spacing_mm[1]  # type: ignore[index]
    rows = offsets @ frame.cosines[1] / frame.spacing_mm[0]  # type: ignore[index]
    mask = np.zeros((frame.rows, frame.columns), bool)
    mask[polygon(rows, columns, mask.shape)] = True
    return mask
