"""A tiled DICOM object as one picture, where its total pixel matrix is small enough."""

from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from schemas.reject import Fault
from transforms.formats.dicom_annotations import Marks
from transforms.formats.dicom_describe import describe
from transforms.formats.dicom_display import show_frame
from transforms.formats.dicom_file import read_whole
from transforms.formats.dicom_frames import Frame
from transforms.formats.dicom_geometry import Stack
from transforms.formats.dicom_pixels import decode
from transforms.formats.dicom_statements import modality_of
from transforms.formats.dicom_tiles import matrix_shape, paste, tile_places
from transforms.formats.dicom_values import sop_class
from transforms.formats.intensity import percentile_range
from transforms.formats.structures import annotations
from transforms.formats.volume import Cut
from transforms.picture import Picture


def read_tiled(frame: Frame, marks: Marks, cut: Cut) -> Iterator[Picture | Fault]:
    """The first layer (focal plane, optical path) of a tiled object, tiles put together; key ""."""
    try:
        matrix = _assembled(frame)
    except Fault as fault:
        yield fault
        return
    shape = matrix.shape[:2]
    structures, complete = marks.on_matrix(shape, frame.sop_uid)
    whole = replace(frame, rows=shape[0], columns=shape[1], position=None, cosines=None)
    stack = Stack((whole,), "single")
    modality = modality_of(frame.header, sop_class(frame.header))
    full_range = percentile_range(matrix, (0, 100), "whole matrix") if matrix.ndim == 2 else None
    try:
        for picture in show_frame(
            whole, matrix, cut, key="", modality=modality, stack_range=full_range
        ):
            describe(picture, stack, 0)
            picture.note("tiles_put_together", tiles=len(tile_places(frame.header)))
            picture.annotations = annotations(structures, "acquired", 0, stack.shape)
            picture.complete = list(complete)
            yield picture
    except Fault as fault:
        yield fault


def _assembled(frame: Frame) -> np.ndarray:
    """[H, W] or [H, W, 3] stored values; places without a tile are 0."""
    shape = matrix_shape(frame.header)
    places = [(n, p) for n, p in enumerate(tile_places(frame.header)) if p[0] == 0]
    matrix: np.ndarray | None = None
    tiles = decode(read_whole(frame.path), [n for n, _ in places])
    for (_, (_, row, column)), tile in zip(places, tiles, strict=True):
        if matrix is None:
            matrix = np.zeros((*shape, *tile.shape[2:]), tile.dtype)
        paste(matrix, tile, row, column)
    if matrix is None:
        raise Fault("no_pixels", "no tile of the first layer")
    return matrix
