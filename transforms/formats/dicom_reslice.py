"""Cuts across an evenly spaced DICOM stack in a plane it was not acquired in."""

from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from schemas.reject import Fault
from transforms.formats.cutting import canonical, cut_volume
from transforms.formats.dicom_display import in_hounsfield, native_values
from transforms.formats.dicom_geometry import Stack
from transforms.formats.dicom_statements import columns_of, flags_of, statements_of
from transforms.formats.dicom_stored import stored_frames
from transforms.formats.geometry import axis_order
from transforms.formats.volume import Cut, Seen, Volume
from transforms.picture import Picture


def resliced(
    stack: Stack, cut: Cut, seen: Seen, key: str, modality: str, plane: str
) -> Iterator[Picture | Fault]:
    """Pictures of one plane; voxels are taken as they are, nothing is interpolated.

    The display is that of volumes (`cutting.cut_volume`): windows for CT, else percentiles.
    """
    order = axis_order(stack.affine)  # type: ignore[arg-type]
    turned = [s.reordered(*order, stack.shape) for s in seen.structures]
    head, one = stack.frames[0], replace(cut, planes=(plane,))  # type: ignore[arg-type]
    try:
        grid = canonical(_volume(stack, modality))
        pointer = "DICOM (0020,0037) (0020,0032)"
        for picture in cut_volume(grid, turned, one, key=key, pointer=pointer, id=seen.id):
            picture.statements = statements_of(head, modality) + picture.statements
            picture.columns = columns_of(head)
            picture.flags += flags_of(head)
            yield picture
    except Fault as fault:
        yield fault


def _volume(stack: Stack, modality: str) -> Volume:
    """The stack's native values. Raises Fault when one slice is missing or cannot be placed."""
    head = stack.frames[0]
    if stack.gap_mm is None or head.spacing_mm is None:
        raise Fault("geometry_missing", "no spacing between slices or pixels")
    layers = []
    for index, array in stored_frames(stack, list(range(len(stack.frames)))).items():
        if isinstance(array, Fault):
            raise Fault("series_inconsistent", f"a slice cannot be decoded ({array.reason})")
        layers.append(native_values(stack.frames[index], array)[0])
    unit = "HU" if in_hounsfield(head, modality) else None
    spacing = (stack.gap_mm, *head.spacing_mm)
    return Volume(np.stack(layers), stack.affine, spacing, modality, unit)
