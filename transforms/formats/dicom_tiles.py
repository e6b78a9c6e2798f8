"""Tiled objects (slide microscopy and segmentations of it): frames to one total pixel matrix.

Source: PS3.3 C.7.6.17.3. Frames of TILED_FULL follow row by row of tiles, then focal plane, then
optical path or segment; TILED_SPARSE frames state their place, counted from 1.
"""

from typing import TYPE_CHECKING

import numpy as np

from schemas.reject import Fault
from transforms.formats.dicom_frames import functional_group
from transforms.formats.dicom_pixels import MAX_FRAME_PIXELS, frame_count
from transforms.formats.dicom_values import integer, word

if TYPE_CHECKING:
    from pydicom import Dataset


def is_tiled(ds: "Dataset") -> bool:
    """Whether frames are tiles of a larger picture."""
    return integer(ds, "TotalPixelMatrixRows") > 0 and integer(ds, "TotalPixelMatrixColumns") > 0


def matrix_shape(ds: "Dataset") -> tuple[int, int]:
    """(rows, columns) of the whole. Raises Fault too_large: slides are read by tiles elsewhere."""
    shape = integer(ds, "TotalPixelMatrixRows"), integer(ds, "TotalPixelMatrixColumns")
    if shape[0] * shape[1] > MAX_FRAME_PIXELS:
        raise Fault("too_large", f"total pixel matrix of {shape[0]} x {shape[1]}")
    return shape


def tile_places(ds: "Dataset") -> list[tuple[int, int, int]]:
    """(layer, row, column) of every frame: top left pixel from 0; a layer is a plane or a path."""
    count = frame_count(ds)
    if word(ds, "DimensionOrganizationType").upper() != "TILED_FULL":
        return [_stated_place(ds, number) for number in range(count)]
    rows, columns = matrix_shape(ds)
    height, width = integer(ds, "Rows"), integer(ds, "Columns")
    across, down = -(-columns // width), -(-rows // height)
    layers, rest = divmod(count, across * down)
    if rest or not layers:
        raise Fault(
            "malformed_header", f"{count} frames do not fill a matrix of {down} x {across} tiles"
        )
    return [
        (n // (across * down), n % (across * down) // across * height, n % across * width)
        for n in range(count)
    ]


def _stated_place(ds: "Dataset", number: int) -> tuple[int, int, int]:
    place = functional_group(ds, number, "PlanePositionSlideSequence")
    if place is None:
        raise Fault("geometry_missing", f"tile {number} does not state its place")
    row = integer(place, "RowPositionInTotalImagePixelMatrix") - 1
    column = integer(place, "ColumnPositionInTotalImagePixelMatrix") - 1
    if row < 0 or column < 0:
        raise Fault("malformed_header", f"tile {number} lies before the matrix")
    return 0, row, column


def paste(matrix: np.ndarray, tile: np.ndarray, row: int, column: int) -> None:
    """Copy a tile to its place; what hangs over the right or lower edge is padding."""
    height = min(tile.shape[0], matrix.shape[0] - row)
    width = min(tile.shape[1], matrix.shape[1] - column)
    if height > 0 and width > 0:
        matrix[row : row + height, column : column + width] = tile[:height, :width]
