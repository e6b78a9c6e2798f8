"""What the header of a frame says, put on its picture."""

import numpy as np

from schemas.fact import Statement
from transforms.formats.dicom_frames import Frame
from transforms.formats.dicom_geometry import Stack
from transforms.formats.dicom_statements import columns_of, flags_of, statements_of
from transforms.formats.dicom_values import words
from transforms.formats.flags import ANISOTROPIC, LOCALIZER, OBLIQUE
from transforms.formats.geometry import (
    OBLIQUE_DEGREES,
    anisotropic,
    orientation_letters,
    plane_of,
    tilt_degrees,
)
from transforms.picture import Picture


def describe(picture: Picture, stack: Stack, index: int) -> None:
    """Fill in everything the header says of a frame."""
    frame = stack.frames[index]
    picture.frame = None if stack.kind == "single" else index
    picture.spacing_mm = frame.spacing_mm
    picture.statements = statements_of(frame, picture.modality or "OT") + picture.statements
    picture.columns = columns_of(frame)
    picture.flags += flags_of(frame)
    if frame.spacing_mm is not None and anisotropic(frame.spacing_mm):
        picture.flags.append(ANISOTROPIC)
    if stack.volumes > 1:
        picture.note("volume_of_series", volume=stack.volume, volumes=stack.volumes)
    if frame.placed:
        _orient(picture, _frame_affine(frame))
    else:
        stated = words(frame.header, "PatientOrientation")  # the first letter is the main direction
        letters = [w[0] for w in stated if w and w[0] in "LRAPHF"]
        picture.orientation = "\\".join(letters) if len(letters) == 2 else None


def own_plane(frame: Frame) -> str | None:
    """The plane a frame was acquired in; None where its orientation is not stated."""
    return plane_of(_frame_affine(frame)) if frame.placed else None


def _frame_affine(frame: Frame) -> np.ndarray:
    """[4, 4] directions of slice, row and column, without spacing."""
    out = np.eye(4)
    out[:3, 0] = frame.normal
    out[:3, 1], out[:3, 2] = frame.cosines[1], frame.cosines[0]  # type: ignore[index]
    return out


def _orient(picture: Picture, affine: np.ndarray) -> None:
    """Plane and letters from Image Orientation (Patient); a localizer is a projection."""
    picture.orientation = orientation_letters(affine)
    if LOCALIZER in picture.flags and picture.modality == "CT":
        return
    picture.plane = plane_of(affine)
    tilt = tilt_degrees(affine)
    picture.note("shown_as_stored", orientation=picture.orientation, tilt_degrees=round(tilt, 2))
    if tilt > OBLIQUE_DEGREES:
        picture.flags.append(OBLIQUE)
    picture.statements.append(Statement("plane", picture.plane, pointer="DICOM (0020,0037)"))
