"""One stack of DICOM frames to pictures: choose slices, decode them, show, say what is known."""

from collections.abc import Iterator
from itertools import groupby

import numpy as np

from schemas.fact import Statement
from schemas.reject import Fault
from transforms.formats.cutting import canonical, cut_volume
from transforms.formats.dicom_annotations import Marks
from transforms.formats.dicom_display import (
    in_hounsfield,
    is_grey,
    native_values,
    padding_mask,
    photometric,
    show_frame,
    states_no_window,
)
from transforms.formats.dicom_file import read_whole
from transforms.formats.dicom_frames import Frame
from transforms.formats.dicom_geometry import Stack
from transforms.formats.dicom_pixels import decode
from transforms.formats.dicom_statements import (
    columns_of,
    flags_of,
    modality_of,
    statements_of,
)
from transforms.formats.dicom_values import sop_class, words
from transforms.formats.geometry import OBLIQUE_DEGREES, axis_order, letter, plane_of, tilt_degrees
from transforms.formats.intensity import percentile_range
from transforms.formats.slices import choose
from transforms.formats.structures import Structure, annotations
from transforms.formats.volume import Cut, Volume
from transforms.picture import Picture


def read_stack(stack: Stack, cut: Cut, marks: Marks, key: str) -> Iterator[Picture | Fault]:
    """Pictures of a stack by the policy `cut`, in the order of planes and slices."""
    structures, complete = marks.on_stack(stack)
    modality = modality_of(stack.frames[0].header, sop_class(stack.frames[0].header))
    try:
        planes, flags = _planes(stack, cut)
        for plane in planes:
            if plane == "acquired":
                pictures = _acquired(stack, cut, structures, key, modality)
            else:
                pictures = _resliced(stack, cut, structures, key, modality, plane)
            for picture in pictures:
                if isinstance(picture, Picture):
                    picture.flags += [f for f in (*stack.flags, *flags) if f not in picture.flags]
                    picture.complete = list(complete)
                yield picture
    except Fault as fault:
        yield fault


def _planes(stack: Stack, cut: Cut) -> tuple[list[str], list[str]]:
    """The planes to show ("acquired" for the stored one) and a flag where a wish cannot be met."""
    own = plane_of(_frame_affine(stack.frames[0])) if stack.frames[0].placed else None
    wanted = ["acquired" if p == own else p for p in cut.planes]
    sliceable = (
        stack.kind == "slices" and stack.affine is not None and not stack.flags
        and photometric(stack.frames[0]) == "MONOCHROME2"
    )  # fmt: skip
    planes = list(dict.fromkeys(p for p in wanted if p == "acquired" or sliceable))
    return (planes, []) if planes else (["acquired"], ["plane_as_acquired"])


def _acquired(
    stack: Stack, cut: Cut, structures: list[Structure], key: str, modality: str
) -> Iterator[Picture | Fault]:
    """Slices or frames as stored."""
    chosen = choose(structures, "acquired", cut, length=len(stack.frames), gap_mm=stack.gap_mm)
    shown_range, stored = _range(stack, cut, modality)
    pairs = (
        ((i, stored[i]) for i in chosen if i in stored) if stored else stored_frames(stack, chosen)
    )
    for index, array in pairs:
        if isinstance(array, Fault):
            yield array
            continue
        frame = stack.frames[index]
        name = key + _name(stack, index)
        marks = annotations(structures, "acquired", index, stack.shape)
        for picture in show_frame(
            frame, array, cut, key=name.rstrip(";"), modality=modality, stack_range=shown_range
        ):
            describe(picture, stack, index)
            picture.annotations = marks
            yield picture


def _name(stack: Stack, index: int) -> str:
    if stack.kind == "single":
        return ""
    return (
        f"slice={index:04d}"
        if stack.kind == "slices"
        else f"frame={stack.frames[index].number:04d}"
    )


def stored_frames(stack: Stack, chosen: list[int]) -> Iterator[tuple[int, np.ndarray | Fault]]:
    """(index in the stack, decoded frame or the fault of its file), every file opened once."""
    order = sorted(chosen, key=lambda i: (str(stack.frames[i].path), stack.frames[i].number))
    found: dict[int, np.ndarray | Fault] = {}
    for path, group in groupby(order, key=lambda i: stack.frames[i].path):
        indices = list(group)
        try:
            arrays = decode(read_whole(path), [stack.frames[i].number for i in indices])
            for i, array in zip(indices, arrays, strict=True):
                found[i] = array
        except Fault as fault:
            found[indices[0]] = fault  # one fault a file; its other frames are lost with it
    yield from sorted(found.items())


def _range(
    stack: Stack, cut: Cut, modality: str
) -> tuple[tuple[float, float] | None, dict[int, np.ndarray | Fault]]:
    """The range shown where no window is stated, over the whole stack, and the frames decoded for it.

    MR has no units: its percentiles are the recipe's. Else the full range, so that slices compare.
    """
    head = stack.frames[0]
    eight_bit = int(head.header.get("BitsAllocated") or 0) == 8 and modality != "MR"
    if (
        not is_grey(head)
        or not states_no_window(head)
        or in_hounsfield(head, modality)
        or eight_bit
    ):
        return None, {}
    stored = dict(stored_frames(stack, list(range(len(stack.frames)))))
    values = []
    for index, array in stored.items():
        if isinstance(array, np.ndarray):
            frame = stack.frames[index]
            padding = padding_mask(frame, array)
            native, _ = native_values(frame, array)
            values.append(native.ravel() if padding is None else native[~padding])
    if not values:
        return (0.0, 0.0), stored
    percentiles = cut.percentiles if modality == "MR" else (0.0, 100.0)
    return percentile_range(np.concatenate(values), percentiles), stored


def describe(picture: Picture, stack: Stack, index: int) -> None:
    """Fill in everything the header says of a frame."""
    frame = stack.frames[index]
    picture.frame = None if stack.kind == "single" else index
    picture.spacing_mm = frame.spacing_mm
    picture.statements = statements_of(frame, picture.modality or "OT") + picture.statements
    picture.columns = columns_of(frame)
    picture.flags += flags_of(frame)
    if stack.volumes > 1:
        picture.note("volume_of_series", volume=stack.volume, volumes=stack.volumes)
    if frame.placed:
        _orient(picture, _frame_affine(frame))
    else:
        letters = [
            w[0] for w in words(frame.header, "PatientOrientation") if w and w[0] in "LRAPHF"
        ]
        picture.orientation = "\\".join(letters) if len(letters) == 2 else None


def _frame_affine(frame: Frame) -> np.ndarray:
    """[4, 4] directions of slice, row and column, without spacing."""
    out = np.eye(4)
    out[:3, 0], out[:3, 1], out[:3, 2] = frame.normal, frame.cosines[1], frame.cosines[0]  # type: ignore
    return out


def _orient(picture: Picture, affine: np.ndarray) -> None:
    """Plane and letters from Image Orientation (Patient); a localizer is a projection, not a cut."""
    picture.orientation = f"{letter(affine[:3, 2])}\\{letter(affine[:3, 1])}"
    if "localizer" in picture.flags and picture.modality == "CT":
        return
    picture.plane = plane_of(affine)
    tilt = tilt_degrees(affine)
    picture.note("shown_as_stored", orientation=picture.orientation, tilt_degrees=round(tilt, 2))
    if tilt > OBLIQUE_DEGREES:
        picture.flags.append("oblique")
    picture.statements.append(Statement("plane", picture.plane, pointer="DICOM (0020,0037)"))


def _resliced(
    stack: Stack, cut: Cut, structures: list[Structure], key: str, modality: str, plane: str
) -> Iterator[Picture | Fault]:
    """Cuts across an even stack in another plane; voxels are taken as they are."""
    from dataclasses import replace

    head = stack.frames[0]
    layers = []
    for index, array in stored_frames(stack, list(range(len(stack.frames)))):
        if isinstance(array, Fault):
            yield Fault("series_inconsistent", f"a slice cannot be decoded ({array.reason})")
            return
        layers.append(native_values(stack.frames[index], array)[0])
    assert stack.affine is not None and stack.gap_mm is not None and head.spacing_mm is not None
    unit = "HU" if in_hounsfield(head, modality) else None
    spacing = (stack.gap_mm, *head.spacing_mm)
    grid = Volume(np.stack(layers), stack.affine, spacing, modality, unit)
    order = axis_order(stack.affine)
    turned = [s.reordered(*order, stack.shape) for s in structures]
    one = replace(cut, planes=(plane,))  # type: ignore[arg-type]
    pointer = "DICOM (0020,0037) (0020,0032)"
    for picture in cut_volume(canonical(grid), turned, one, key=key, pointer=pointer):
        picture.statements = statements_of(head, modality) + picture.statements
        picture.columns = columns_of(head)
        picture.flags += flags_of(head)
        yield picture
