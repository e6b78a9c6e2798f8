"""Segmentation objects back to regions of a volume, by the reader that ingest uses."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from schemas.reject import Fault
from transforms.dicom_seg.segments import CANDIDATE
from transforms.formats.dicom_frames import Frame, read_frames
from transforms.formats.dicom_geometry import Stack, stacks_of
from transforms.formats.dicom_seen import order_of
from transforms.formats.dicom_seg import SegFile, on_stack, read_seg
from transforms.formats.dicom_values import integer, items, word
from transforms.formats.geometry import reorder_affine
from transforms.formats.structures import Structure

if TYPE_CHECKING:
    from pydicom import Dataset


@dataclass(frozen=True)
class Imported:
    """A structure in the canonical grid of its images, and what the segment says of itself.

    tracking   the Tracking ID: of our own objects the region id; "" where there is none
    algorithm  "manual", "automatic", "semiautomatic"
    """

    structure: Structure
    tracking: str
    algorithm: str
    candidate: bool
    producer: str


def stack_of(paths: Sequence[Path]) -> Stack:
    """The one stack of slices that files make. Raises Fault series_inconsistent where there are more."""
    frames: list[Frame] = []
    for path in sorted(paths):
        frames += read_frames(path)
    stacks = stacks_of(frames)
    if len(stacks) != 1:
        raise Fault("series_inconsistent", f"the files make {len(stacks)} stacks, not one")
    return stacks[0]


def read_regions(paths: Sequence[Path], stack: Stack) -> list[Imported]:
    """Every segment that has a voxel on the stack, files in the order given, segments by number.

    The grid runs foot to head, front to back, right to left; slices at uneven gaps stay as stored.
    Raises Fault reference_unknown where a file segments none of the images, and what `read_seg`
    raises.
    """
    out: list[Imported] = []
    for path in paths:
        seg = read_seg(path)
        found = _on_stack(seg, stack)
        if not found:
            raise Fault("reference_unknown", "segments none of these images", "region")
        out += found
    return out


def _on_stack(seg: SegFile, stack: Stack) -> list[Imported]:
    """The segments of one file, each placed by itself so that it keeps its description."""
    order = order_of(stack)
    masks: dict[int, list[tuple[int, Frame, np.ndarray]]] = defaultdict(list)
    for number, frame, mask in seg.masks:
        masks[number].append((number, frame, mask))
    out = []
    for segment in items(seg.header, "SegmentSequence"):
        number = integer(segment, "SegmentNumber")
        for structure in on_stack(replace(seg, masks=masks[number]), stack) or []:
            out.append(_imported(segment, structure.reordered(*order, stack.shape)))
    return out


def _imported(segment: "Dataset", structure: Structure) -> Imported:
    label = structure.label
    candidate = label.endswith(CANDIDATE)
    return Imported(
        replace(structure, label=label.removesuffix(CANDIDATE)),
        word(segment, "TrackingID"),
        word(segment, "SegmentAlgorithmType").lower(),
        candidate,
        word(segment, "SegmentDescription").partition(";")[0],
    )


def canonical_grid(stack: Stack) -> tuple[tuple[int, int, int], np.ndarray | None]:
    """Shape and affine of the grid that `read_regions` speaks of."""
    axes, flips = order_of(stack)
    s, r, c = (stack.shape[a] for a in axes)
    affine = stack.affine
    if affine is not None:
        affine = reorder_affine(affine, stack.shape, axes, flips)
    return (s, r, c), affine
