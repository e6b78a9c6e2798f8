"""One stack of DICOM frames to pictures: choose slices, decode them, show, say what is known."""

from collections.abc import Iterator

import numpy as np

from schemas.reject import Fault
from transforms.formats.dicom_annotations import Marks
from transforms.formats.dicom_describe import describe, own_plane
from transforms.formats.dicom_display import (
    in_hounsfield,
    is_grey,
    native_values,
    padding_mask,
    photometric,
    show_frame,
    states_no_window,
)
from transforms.formats.dicom_geometry import Stack
from transforms.formats.dicom_reslice import resliced
from transforms.formats.dicom_seen import cut_of_frame, see_stack
from transforms.formats.dicom_statements import modality_of
from transforms.formats.dicom_stored import stored_frames
from transforms.formats.dicom_values import integer, sop_class
from transforms.formats.flags import PLANE_AS_ACQUIRED
from transforms.formats.intensity import Range, percentile_range
from transforms.formats.slices import choose, stacks_of
from transforms.formats.structures import annotations
from transforms.formats.volume import Cut, See, Seen
from transforms.picture import Picture


def read_stack(
    stack: Stack, cut: Cut, marks: Marks, key: str, see: See | None = None
) -> Iterator[Picture | Fault]:
    """Pictures of a stack by the policy `cut`, in the order of planes and slices."""
    structures, complete = marks.on_stack(stack)
    try:
        modality = modality_of(stack.frames[0].header, sop_class(stack.frames[0].header))
        seen = Seen(None, structures)
        if see is not None:
            seen = see_stack(stack, structures, complete, key, modality, see)
            yield from seen.faults
        planes, flags = _planes(stack, cut)
        for plane in planes:
            if plane == "acquired":
                pictures = _acquired(stack, cut, seen, key, modality)
            else:
                pictures = resliced(stack, cut, seen, key, modality, plane)
            for picture in pictures:
                if isinstance(picture, Picture):
                    picture.flags += [f for f in (*stack.flags, *flags) if f not in picture.flags]
                    picture.complete = list(complete)
                yield picture
    except Fault as fault:
        yield fault


def _planes(stack: Stack, cut: Cut) -> tuple[list[str], list[str]]:
    """The planes to show ("acquired" for the stored one) and a flag where a wish cannot be met."""
    own = own_plane(stack.frames[0])
    wanted = ["acquired" if p == own else p for p in cut.planes]
    sliceable = (
        stack.kind == "slices" and stack.affine is not None and not stack.flags
        and photometric(stack.frames[0]) == "MONOCHROME2"
    )  # fmt: skip
    planes: list[str] = list(dict.fromkeys(p for p in wanted if p == "acquired" or sliceable))
    return (planes, []) if planes else (["acquired"], [PLANE_AS_ACQUIRED])


def _acquired(
    stack: Stack, cut: Cut, seen: Seen, key: str, modality: str
) -> Iterator[Picture | Fault]:
    """Slices or frames as stored."""
    structures = seen.structures
    chosen = choose(structures, "acquired", cut, length=len(stack.frames), gap_mm=stack.gap_mm)
    stacks: dict[int, tuple[int, ...]] = dict.fromkeys(chosen, ())
    if stack.kind == "slices":
        stacks = stacks_of(chosen, cut, length=len(stack.frames), gap_mm=stack.gap_mm)
    shown_range, stored = _range(stack, cut, modality)
    if not stored:
        stored = stored_frames(stack, list(stacks))
    for index, array in stored.items():
        if isinstance(array, Fault):
            yield array
            continue
        if index not in stacks:
            continue
        frame = stack.frames[index]
        name = key + _name(stack, index)
        marks = annotations(structures, "acquired", index, stack.shape)
        try:
            for picture in show_frame(
                frame, array, cut, key=name.rstrip(";"), modality=modality, stack_range=shown_range
            ):
                describe(picture, stack, index)
                picture.annotations = marks
                if seen.id is not None:
                    picture.cut = cut_of_frame(seen.id, stack, index, stacks[index])
                yield picture
        except Fault as fault:
            yield fault


def _name(stack: Stack, index: int) -> str:
    if stack.kind == "single":
        return ""
    if stack.kind == "slices":
        return f"slice={index:04d}"
    return f"frame={stack.frames[index].number:04d}"


def _range(
    stack: Stack, cut: Cut, modality: str
) -> tuple[Range | None, dict[int, np.ndarray | Fault]]:
    """The range shown where no window is stated, and the frames decoded to find it.

    It is one range for the whole stack, so that slices compare: for MR, which has no units, the
    percentiles of `cut`, else smallest to largest. None where it is not needed.
    """
    head = stack.frames[0]
    as_stored = integer(head.header, "BitsAllocated") == 8 and modality != "MR"
    if as_stored or not is_grey(head) or not states_no_window(head):
        return None, {}
    if in_hounsfield(head, modality):
        return None, {}
    stored = stored_frames(stack, list(range(len(stack.frames))))
    values = []
    for index, array in stored.items():
        if isinstance(array, np.ndarray):
            frame = stack.frames[index]
            padding = padding_mask(frame, array)
            native, _ = native_values(frame, array)
            values.append(native.ravel() if padding is None else native[~padding])
    if not values:
        return None, stored
    percentiles = cut.percentiles if modality == "MR" else (0.0, 100.0)
    return percentile_range(np.concatenate(values), percentiles, "whole stack"), stored
