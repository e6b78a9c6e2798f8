"""Stored pixel values of DICOM frames. Nothing is scaled here."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import numpy as np

from schemas.reject import Fault
from transforms.formats.dicom_codestream import frame_size
from transforms.formats.dicom_file import PIXEL_KEYWORDS
from transforms.formats.dicom_values import integer, quiet, sop_class, value, word

if TYPE_CHECKING:
    from pydicom import Dataset

MAX_FRAME_PIXELS = 178_956_970  # as for raster files
MAX_FRAMES = 1 << 17

_JPEG, _LS, _RLE = "pylibjpeg", "pyjpegls", "pylibjpeg"
DECODERS = {
    "1.2.840.10008.1.2.4.50": _JPEG, "1.2.840.10008.1.2.4.51": _JPEG,
    "1.2.840.10008.1.2.4.57": _JPEG, "1.2.840.10008.1.2.4.70": _JPEG,
    "1.2.840.10008.1.2.4.80": _LS, "1.2.840.10008.1.2.4.81": _LS,
    "1.2.840.10008.1.2.4.90": _JPEG, "1.2.840.10008.1.2.4.91": _JPEG,
    "1.2.840.10008.1.2.4.201": _JPEG, "1.2.840.10008.1.2.4.202": _JPEG,
    "1.2.840.10008.1.2.4.203": _JPEG, "1.2.840.10008.1.2.5": _RLE,
}  # fmt: skip
"""Transfer syntax -> pydicom decoding plug-in. Fixed, so that pixels do not depend on what else is
installed: pydicom itself would take the first plug-in that imports."""

_DESCRIPTION = ("Rows", "Columns", "SamplesPerPixel", "PhotometricInterpretation", "BitsAllocated")
_INTEGERS = ("BitsStored", "PixelRepresentation")
_PARAMETRIC_MAP = "1.2.840.10008.5.1.4.1.1.30"  # may hold floats, which need no more


def check_pixel_description(ds: "Dataset", *, has_pixels: bool) -> None:
    """Raise the Fault that stops this object from being an image, looking at its header only.

    no_pixels, pixel_description_missing, meta_missing, too_large or unsupported_pixels.
    """
    if not has_pixels:
        raise Fault("no_pixels", f"object without pixel data ({object_name(ds)})")
    meta = getattr(ds, "file_meta", None)
    if meta is None or not word(meta, "TransferSyntaxUID"):
        raise Fault("meta_missing", "pixel data, but no transfer syntax says how it is encoded")
    needed = _DESCRIPTION if sop_class(ds) == _PARAMETRIC_MAP else _DESCRIPTION + _INTEGERS
    missing = [k for k in needed if value(ds, k) is None]
    if missing:
        raise Fault("pixel_description_missing", f"pixel data without {', '.join(missing)}")
    rows, columns, frames = integer(ds, "Rows"), integer(ds, "Columns"), frame_count(ds)
    if rows < 1 or columns < 1 or frames < 1:
        raise Fault("malformed_header", f"{rows} x {columns} pixels, {frames} frames")
    if rows * columns > MAX_FRAME_PIXELS or frames > MAX_FRAMES:
        raise Fault("too_large", f"{frames} frames of {rows} x {columns} pixels declared")
    if integer(ds, "SamplesPerPixel", 1) not in (1, 3):
        raise Fault("unsupported_pixels", f"{integer(ds, 'SamplesPerPixel', 1)} samples a pixel")


def object_name(ds: "Dataset") -> str:
    """The name of the SOP class from the standard's list, "unknown object" else."""
    from pydicom.uid import UID

    with quiet():
        name = UID(sop_class(ds)).name
    return name if name and not name[0].isdigit() else "unknown object"


def frame_count(ds: "Dataset") -> int:
    """Number of Frames, 1 where absent or 0 (which old files write)."""
    return integer(ds, "NumberOfFrames", 1) or 1


def decode(ds: "Dataset", numbers: list[int]) -> Iterator[np.ndarray]:
    """Frames of these 0-based numbers, [H, W] or RGB [H, W, 3], in the order asked.

    YBR is converted to RGB; palette indices stay indices; padding bits are cleared. Raises Fault
    truncated, frame_size_differs, undecodable or unsupported_pixels.
    """
    if not any(k in ds for k in PIXEL_KEYWORDS):
        raise Fault("no_pixels", f"object without pixel data ({object_name(ds)})")
    with quiet():
        frames = _frames(ds, numbers)
    for _ in numbers:
        with quiet():  # not around the yield: the filter would stay on in the caller
            array = _next(frames)
        yield array


def _frames(ds: "Dataset", numbers: list[int]) -> Iterator[tuple[np.ndarray, Any]]:
    """pydicom's iterator over checked frames; nothing is decoded yet."""
    from pydicom.pixels import get_decoder
    from pydicom.uid import UID

    syntax = UID(word(ds.file_meta, "TransferSyntaxUID"))
    try:
        decoder = get_decoder(syntax)
    except NotImplementedError as error:
        raise Fault("undecodable", "no decoder for the transfer syntax") from error
    if syntax.is_encapsulated:
        _check_frames(ds, numbers)
    else:
        _check_length(ds)
    plugin = DECODERS.get(str(syntax), "")
    return decoder.iter_array(ds, indices=numbers, decoding_plugin=plugin)


def _next(frames: Iterator[tuple[np.ndarray, Any]]) -> np.ndarray:
    """One decoded frame. Codecs raise many kinds; a panic of a Rust one is not even an Exception."""
    try:
        return np.array(next(frames)[0])
    except (KeyboardInterrupt, SystemExit):
        raise
    except BaseException as error:
        detail = f"the decoder refuses a frame ({type(error).__name__})"
        raise Fault("undecodable", detail) from error


def _check_length(ds: "Dataset") -> None:
    """The bytes there must hold every declared frame."""
    from pydicom.pixels.utils import get_expected_length

    data = next((d for k in PIXEL_KEYWORDS if (d := value(ds, k)) is not None), None)
    try:
        expected = get_expected_length(ds, unit="bytes")
    except (AttributeError, TypeError, ValueError) as error:
        raise Fault(
            "pixel_description_missing", "the length of the pixel data is not given"
        ) from error
    if data is None or len(data) < expected:
        there = 0 if data is None else len(data)
        raise Fault("truncated", f"{expected} bytes of pixels declared, {there} there")


def _check_frames(ds: "Dataset", numbers: list[int]) -> None:
    """Every asked frame must be there and say the size the header says."""
    from pydicom.encaps import generate_frames

    stated = (integer(ds, "Rows"), integer(ds, "Columns"))
    count = frame_count(ds)
    wanted, seen = set(numbers), 0
    try:
        offsets = value(ds, "ExtendedOffsetTable")
        extended = None if offsets is None else (offsets, value(ds, "ExtendedOffsetTableLengths"))
        for i, frame in enumerate(
            generate_frames(
                value(ds, "PixelData"), number_of_frames=count, extended_offsets=extended
            )
        ):
            seen += 1
            declared = frame_size(frame) if i in wanted else None
            if declared is not None and declared != stated:
                detail = f"frame {i} declares (rows, columns) {declared}, the header {stated}"
                raise Fault("frame_size_differs", detail)
    except Fault:
        raise
    except Exception as error:  # struct.error, ValueError, EOFError of cut fragments
        raise Fault("truncated", f"the compressed frames end after {seen} of {count}") from error
    if seen < count:
        raise Fault("truncated", f"{seen} compressed frames of {count}")
