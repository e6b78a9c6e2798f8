"""Segmentation objects (SEG): binary, fractional, label map; masks on the frames they segment.

Sources: PS3.3 A.51, C.8.20 (segmentation image), C.8.23 (label map segmentation).
"""

from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from schemas.reject import Fault
from transforms.formats.dicom_file import read_whole
from transforms.formats.dicom_frames import Frame, frames_of, functional_group
from transforms.formats.dicom_geometry import SAME_COSINE, Stack
from transforms.formats.dicom_pixels import check_pixel_description, decode, frame_count
from transforms.formats.dicom_tiles import is_tiled, matrix_shape, paste, tile_places
from transforms.formats.dicom_values import first, integer, items, word
from transforms.formats.structures import Structure, structure_of_slices

if TYPE_CHECKING:
    from pydicom import Dataset

SIDES = {"7771000": "left", "G-A101": "left", "24028007": "right", "G-A100": "right"}
"""Laterality modifiers, PS3.16 CID 244, SNOMED CT and SRT codes."""

SAME_PLACE = 0.1  # of a slice gap: how far off its slice a frame may lie
IN_PLANE_PX = 0.5  # a segmentation whose grid is shifted more lies elsewhere


@dataclass(frozen=True)
class Segment:
    """What the header says of one segment."""

    number: int
    label: str
    instance: str | None
    side: str | None


@dataclass(frozen=True)
class SegFile:
    """A decoded segmentation: its segments, and (segment, frame header, mask) of what is marked.

    Masks are packed, eight pixels a byte; `unpacked` gives them back. An object may hold tens of
    thousands of frames.
    """

    header: "Dataset"
    segments: dict[int, Segment]
    masks: list[tuple[int, Frame, np.ndarray]]


def unpacked(mask: np.ndarray, frame: Frame) -> np.ndarray:
    """[H, W] bool of a packed mask."""
    flat = np.unpackbits(mask, count=frame.rows * frame.columns)
    return flat.reshape(frame.rows, frame.columns).astype(bool)


def read_seg(path: Path) -> SegFile:
    """Decode a SEG. Fractional values count from half of their maximum. Raises Fault."""
    ds = read_whole(path)
    check_pixel_description(ds, has_pixels=True)
    segments = {s.number: s for s in map(_segment, items(ds, "SegmentSequence"))}
    frames = list(frames_of(ds, path))
    kind = word(ds, "SegmentationType").upper()
    masks: list[tuple[int, Frame, np.ndarray]] = []
    for frame, values in zip(frames, decode(ds, list(range(frame_count(ds)))), strict=True):
        for segment, mask in _masks(ds, kind, frame.number, values, len(frames)):
            if segment not in segments:
                raise Fault("annotation_malformed", f"frame {frame.number} names no listed segment")
            masks.append((segment, frame, np.packbits(mask)))
    return SegFile(ds, segments, masks)


def _segment(item: "Dataset") -> Segment:
    kind = first(item, "SegmentedPropertyTypeCodeSequence")
    label = word(item, "SegmentLabel") or (word(kind, "CodeMeaning") if kind is not None else "")
    modifiers = []
    if kind is not None:
        modifiers += items(kind, "SegmentedPropertyTypeModifierCodeSequence")
    region = first(item, "AnatomicRegionSequence")
    if region is not None:
        modifiers += items(region, "AnatomicRegionModifierSequence")
    sides = {SIDES[code] for m in modifiers if (code := word(m, "CodeValue")) in SIDES}
    number = integer(item, "SegmentNumber")
    tracked = bool(word(item, "TrackingUID"))
    return Segment(
        number, label or f"segment {number}", f"segment {number}" if tracked else None,
        sides.pop() if len(sides) == 1 else None,
    )  # fmt: skip


def _masks(
    ds: "Dataset", kind: str, number: int, values: np.ndarray, count: int
) -> list[tuple[int, np.ndarray]]:
    """(segment number, mask) pairs of one frame."""
    if kind == "LABELMAP":
        background = integer(ds, "PixelPaddingValue", 0)
        return [(int(v), values == v) for v in np.unique(values) if int(v) != background]
    return [(_segment_number(ds, number, count), _thresholded(ds, kind, values))]


def _thresholded(ds: "Dataset", kind: str, values: np.ndarray) -> np.ndarray:
    if kind == "BINARY":
        return values > 0
    if kind == "FRACTIONAL":
        return values.astype(np.int64) * 2 >= integer(ds, "MaximumFractionalValue", 255)
    raise Fault("annotation_malformed", "Segmentation Type is not one of the standard's three")


def _segment_number(ds: "Dataset", number: int, count: int) -> int:
    group = functional_group(ds, number, "SegmentIdentificationSequence")
    if group is not None:
        return integer(group, "ReferencedSegmentNumber")
    segments = len(items(ds, "SegmentSequence"))
    if is_tiled(ds) and segments and count % segments == 0:
        return number // (count // segments) + 1  # TILED_FULL: segment after segment
    raise Fault("annotation_malformed", f"frame {number} does not say which segment it is")


def on_stack(seg: SegFile, stack: Stack) -> list[Structure] | None:
    """The segments as structures in the stack's grid; None when no frame belongs to this stack.

    A frame goes to the source image it names, and where it names none of this stack to the slice at
    its place. Raises Fault mask_size_differs or mask_geometry_differs.
    """
    found: dict[int, dict[int, np.ndarray]] = defaultdict(dict)
    lost: set[int] = set()
    by_uid: dict[str, list[int]] = defaultdict(list)
    for i, f in enumerate(stack.frames):
        by_uid[f.sop_uid].append(i)
    for segment, frame, packed in seg.masks:
        index = _target(seg.header, frame, stack, by_uid)
        if index is None:
            lost.add(segment)
            continue
        _check_grid(frame, stack.frames[index])
        mask, before = unpacked(packed, frame), found[segment].get(index)
        found[segment][index] = mask if before is None else before | mask
    if seg.masks and not found:
        return None
    out = []
    for n in sorted(found):
        s = seg.segments[n]
        structure = structure_of_slices(
            found[n], s.label, shape=stack.shape, side=s.side, instance=s.instance,
            voxel_ml=None if n in lost else stack.voxel_ml,
        )  # fmt: skip
        out += [structure] if structure is not None else []
    return out


def _target(ds: "Dataset", frame: Frame, stack: Stack, by_uid: dict[str, list[int]]) -> int | None:
    """Index of the stack's frame that a segmentation frame segments."""
    sources = _sources(ds, frame.number)
    named = {
        i for uid, n in sources for i in by_uid.get(uid, [])
        if n in (None, stack.frames[i].number + 1)
    }  # fmt: skip
    if len(named) == 1:
        return named.pop()
    if not frame.placed or not stack.frames[0].placed or (sources and not named):
        return None
    heights = np.array([f.position @ frame.normal for f in stack.frames])
    nearest = int(np.abs(heights - frame.height_mm).argmin())
    tolerance = SAME_PLACE * (stack.gap_mm or 1.0)
    return nearest if abs(heights[nearest] - frame.height_mm) <= tolerance else None


def _sources(ds: "Dataset", frame: int) -> list[tuple[str, int | None]]:
    """(SOP Instance UID, frame number from 1 or None) of the images a frame was derived from."""
    derivation = functional_group(ds, frame, "DerivationImageSequence")
    if derivation is None:
        return []
    return [
        (word(item, "ReferencedSOPInstanceUID"), integer(item, "ReferencedFrameNumber") or None)
        for item in items(derivation, "SourceImageSequence")
    ]


def _check_grid(frame: Frame, image: Frame) -> None:
    if (frame.rows, frame.columns) != (image.rows, image.columns):
        found, wanted = (frame.rows, frame.columns), (image.rows, image.columns)
        raise Fault("mask_size_differs", f"segmentation of {found}, image of {wanted}")
    if not frame.placed or not image.placed:
        return
    if np.abs(frame.cosines - image.cosines).max() > 10 * SAME_COSINE:  # type: ignore[operator]
        raise Fault("mask_geometry_differs", "the segmentation has another orientation")
    shift = np.abs(image.cosines @ (frame.position - image.position)).max()  # type: ignore
    if shift > IN_PLANE_PX * min(image.spacing_mm or (1.0, 1.0)):
        raise Fault(
            "mask_geometry_differs", f"the segmentation is shifted by {shift:.1f} mm in plane"
        )


def on_matrix(seg: SegFile, shape: tuple[int, int], sop_uid: str) -> list[Structure] | None:
    """Segments of a tiled SEG in a total pixel matrix; None when it segments another instance."""
    from transforms.formats.dicom_references import references_of

    if sop_uid not in references_of(seg.header):
        return None
    if not is_tiled(seg.header) or matrix_shape(seg.header) != shape:
        raise Fault("mask_size_differs", "the segmentation has another total pixel matrix")
    places = tile_places(seg.header)
    full: dict[int, np.ndarray] = {}
    for segment, frame, packed in seg.masks:
        if packed.any():
            _, row, column = places[frame.number]
            mask = full.setdefault(segment, np.zeros(shape, bool))
            paste(mask, unpacked(packed, frame), row, column)
    out = []
    for n, mask in sorted(full.items()):
        s = seg.segments[n]
        structure = structure_of_slices(
            {0: mask}, s.label, shape=(1, *shape), voxel_ml=None, instance=s.instance, side=s.side
        )
        out += [structure] if structure is not None else []
    return out
