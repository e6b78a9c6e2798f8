"""Corrections of a whole picture that a declaration asks for: image, masks and boxes together."""

from dataclasses import replace

import numpy as np

from schemas.declaration.source import Display
from schemas.declaration.value import holds
from transforms.picture import Annotation, Picture


def correct(picture: Picture, columns: dict[str, str], display: Display) -> None:
    """Apply a declared flip and spacing to a picture in place; the flip is noted as a step.

    Patient side words are not touched: a flip that is declared undoes what a copy's author did.
    """
    if display.physical_size == "unknown":
        _without_size(picture)
    if display.spacing_mm is not None and picture.spacing_mm is None:
        picture.spacing_mm = display.spacing_mm
        picture.note("declared_spacing", spacing_mm=list(display.spacing_mm))
    if display.flip is None or not holds(display.where, columns):
        return
    axis = 0 if display.flip == "vertical" else 1
    length = picture.display.shape[axis]
    picture.display = np.ascontiguousarray(np.flip(picture.display, axis))
    if picture.native is not None:
        picture.native = np.ascontiguousarray(np.flip(picture.native, axis))
    for annotation in picture.annotations:
        _flip(annotation, axis, length)
    if picture.cut is not None:
        y, x = picture.cut.flips
        picture.cut = replace(picture.cut, flips=(not y, x) if axis == 0 else (y, not x))
    picture.note("declared_flip", direction=display.flip, reason="the source holds it mirrored")


def _without_size(picture: Picture) -> None:
    """Drop spacing and volumes that are those of a template, not of the patient."""
    if picture.spacing_mm is not None:
        picture.note(
            "spacing_dropped", spacing_mm=list(picture.spacing_mm), reason="not the patient's"
        )
    picture.spacing_mm = None
    for annotation in picture.annotations:
        annotation.volume_ml = None


def _flip(annotation: Annotation, axis: int, length: int) -> None:
    if annotation.mask is not None:
        annotation.mask = np.flip(annotation.mask, axis)
    if annotation.box is not None:
        x0, y0, x1, y1 = annotation.box
        annotation.box = (
            (x0, length - y1, x1, length - y0) if axis == 0 else (length - x1, y0, length - x0, y1)
        )
