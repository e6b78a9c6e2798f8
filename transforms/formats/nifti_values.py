"""The voxels of one NIfTI volume, read bounded."""

import zlib
from pathlib import Path
from typing import BinaryIO

import numpy as np

from schemas.reject import Fault
from transforms.formats.nifti_header import NiftiHeader, data_file, open_stream

SKIP_BYTES = 1 << 20  # inflated at once where the content is passed over
TRAILING_BYTES = 1 << 24


def read_values(path: Path, header: NiftiHeader, number: int = 0) -> np.ndarray:
    """[I, J, K] values of volume `number`, or [I, J, K, 3] uint8 for RGB files.

    Slope and intercept are applied where the header asks for it (slope 0 means none; NaN is read so
    too). Integers stay integers where both are whole numbers. Never reads more than is declared.
    Raises Fault truncated or undecodable.
    """
    dtype = header.raw.get_data_dtype()
    count = int(np.prod(header.shape))
    size = count * dtype.itemsize
    offset = int(header.raw["vox_offset"]) + number * size
    rest = (header.volumes - 1) * size if number == 0 else None  # once is enough
    data = _read(data_file(path, header.raw), offset, size, rest)
    values = np.frombuffer(data, dtype).reshape(header.shape, order="F")
    if dtype.fields:  # RGB24 or RGBA32; its alpha is by convention unused
        return np.stack([values[name] for name in "RGB"], axis=-1)
    return _scaled(values, float(header.raw["scl_slope"]), float(header.raw["scl_inter"]))


def _read(path: Path, offset: int, size: int, rest: int | None) -> bytes:
    """`size` bytes at `offset`; `rest` declared ones follow.

    They are inflated too, to the end: a gzip file tells by its checksum there that it is damaged,
    and flipped bits may inflate to plausible voxels. TRAILING_BYTES more are borne, no bomb.
    """
    try:
        with open_stream(path) as stream:
            _skip(stream, offset)
            data = stream.read(size)
            if rest is not None and _skip(stream, rest + TRAILING_BYTES) == 0:
                raise Fault("malformed_header", "far more data than the header declares")
    except EOFError as error:
        raise Fault("truncated", "the gzip stream ends before its declared content") from error
    except (OSError, zlib.error) as error:
        raise Fault("undecodable", "the gzip stream is damaged") from error
    if len(data) < size:
        raise Fault("truncated", f"{size} bytes of voxels declared, {len(data)} there")
    return data


def _skip(stream: BinaryIO, count: int) -> int:
    """Pass over `count` bytes; what is left of them at the end of the stream."""
    while count > 0:
        step = len(stream.read(min(count, SKIP_BYTES)))
        if step == 0:
            break
        count -= step
    return count


def _scaled(values: np.ndarray, slope: float, inter: float) -> np.ndarray:
    if slope == 0 or not np.isfinite([slope, inter]).all() or (slope, inter) == (1.0, 0.0):
        return values.astype(values.dtype.newbyteorder("="), copy=False)
    whole = slope.is_integer() and inter.is_integer() and values.dtype.kind in "iu"
    if whole and max(abs(slope), abs(inter)) < 1 << 15 and values.dtype.itemsize <= 2:
        return values.astype(np.int32) * int(slope) + int(inter)
    kind = np.float64 if values.dtype.itemsize > 4 else np.float32
    return (values.astype(np.float64) * slope + inter).astype(kind)
