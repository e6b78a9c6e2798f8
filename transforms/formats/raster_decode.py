"""Open and decode raster files; every way they can be bad becomes one Fault."""

import io
import warnings
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
from PIL import Image, UnidentifiedImageError

from schemas.reject import Fault

FORMATS = ("PNG", "JPEG", "TIFF", "BMP", "GIF")
MAX_PIXELS = 178_956_970  # the size at which Pillow itself refuses
MAX_FILE_BYTES = 1 << 31
_BITS_PER_SAMPLE = 258  # TIFF 6.0, section 8

_SIGNATURES = (b"\x89PNG", b"\xff\xd8\xff", b"II*\0", b"MM\0*", b"II+\0", b"MM\0+", b"BM", b"GIF8")
_TIFF = _SIGNATURES[2:6]


def read_file(path: Path) -> bytes:
    """The bytes of a regular file. Raises Fault file_absent, too_large or truncated (empty)."""
    if not path.is_file():
        raise Fault("file_absent", "no regular file of this name")
    if path.stat().st_size > MAX_FILE_BYTES:
        raise Fault("too_large", f"file of more than {MAX_FILE_BYTES} bytes")
    data = path.read_bytes()
    if not data:
        raise Fault("truncated", "empty file")
    return data


@contextmanager
def opened(data: bytes, max_pixels: int) -> Iterator[Image.Image]:
    """The image with its header read and its size within `max_pixels`; decoding faults are mapped.

    Only FORMATS are tried, so that no rarely used parser ever sees a hostile file.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # Pillow's warnings name sizes we check ourselves
        try:
            with Image.open(io.BytesIO(data), formats=FORMATS) as image:
                check_size(image.width, image.height, max_pixels)
                yield image
        except Image.DecompressionBombError as error:
            raise Fault("too_large", f"more than {MAX_PIXELS} pixels declared") from error
        except UnidentifiedImageError as error:
            raise _unidentified(data) from error
        except (OSError, SyntaxError, ValueError, EOFError, OverflowError, zlib.error) as error:
            raise _broken(error) from error


def check_size(width: int, height: int, max_pixels: int) -> None:
    """Raise Fault too_large when a declared size exceeds the budget."""
    if width * height > max_pixels:
        raise Fault("too_large", f"{width} x {height} pixels declared, {max_pixels} allowed")


def _unidentified(data: bytes) -> Fault:
    if data.startswith(_SIGNATURES):
        return Fault("truncated", "a known signature, then no complete header")
    return Fault("not_this_format", f"not one of {', '.join(FORMATS)}")


def _broken(error: Exception) -> Fault:
    text = str(error).lower()
    if isinstance(error, EOFError) or "truncated" in text or "incomplete" in text:
        return Fault("truncated", "the pixel data ends too early")
    if (
        "too large" in text or "too many" in text
    ):  # text and profile chunks that inflate without end
        return Fault("too_large", "a metadata chunk exceeds the limit")
    return Fault("undecodable", f"the decoder refuses the file ({type(error).__name__})")


def samples(image: Image.Image, data: bytes) -> np.ndarray:
    """Stored samples [H, W] or [H, W, C] of the first page or frame; palette indices stay indices.

    1-bit pixels become 0 and 255. Plain 8-bit PNG and JPEG are decoded by OpenCV, which is faster
    and gives the same bytes as Pillow (tests/transforms/formats/test_raster.py). Of 16-bit colour
    Pillow would keep the high bytes only: PNG goes to OpenCV, TIFF to tifffile.
    """
    if _deep_colour_tiff(image):
        return tiff_samples(data, MAX_PIXELS)
    if _for_opencv(image, data):
        array = _opencv(data)
        if array is not None:
            return array
    image.load()
    array = np.asarray(image)
    return array.astype(np.uint8) * 255 if array.dtype == bool else array


def _deep_colour_tiff(image: Image.Image) -> bool:
    if image.format != "TIFF" or len(image.getbands()) == 1:
        return False
    bits = image.tag_v2.get(_BITS_PER_SAMPLE, (8,))  # type: ignore[attr-defined]
    return max(bits) > 8


def _for_opencv(image: Image.Image, data: bytes) -> bool:
    if image.format == "PNG" and data[24] == 16 and image.mode not in ("I;16", "I"):
        return True
    plain = image.format in ("PNG", "JPEG") and image.mode in ("L", "RGB", "RGBA")
    return plain and "transparency" not in image.info


def _opencv(data: bytes) -> np.ndarray | None:
    import cv2

    cv2.utils.logging.setLogLevel(
        cv2.utils.logging.LOG_LEVEL_SILENT
    )  # Pillow will say what is wrong
    flags = cv2.IMREAD_UNCHANGED | cv2.IMREAD_IGNORE_ORIENTATION
    try:
        array = cv2.imdecode(np.frombuffer(data, np.uint8), flags)
    except cv2.error:
        return None
    if array is None or array.ndim == 2:
        return array
    to_rgb = cv2.COLOR_BGR2RGB if array.shape[2] == 3 else cv2.COLOR_BGRA2RGBA
    return cv2.cvtColor(array, to_rgb)


def is_tiff(data: bytes) -> bool:
    """Whether the first bytes are those of a TIFF or BigTIFF."""
    return data.startswith(_TIFF)


def tiff_samples(data: bytes, max_pixels: int) -> np.ndarray:
    """First page of a TIFF by tifffile, for pixel types Pillow does not know (16-bit colour, ...).

    Raises Fault too_large, truncated, undecodable or unsupported_pixels.
    """
    import tifffile

    try:
        with tifffile.TiffFile(io.BytesIO(data)) as file:
            page = file.pages.first
            check_size(page.imagewidth, page.imagelength, max_pixels)
            array = page.asarray()
    except Fault:
        raise
    except (IndexError, EOFError) as error:
        raise Fault("truncated", "the file ends before its first page") from error
    except Exception as error:  # tifffile raises many kinds on hostile files
        raise Fault(
            "undecodable", f"the TIFF reader refuses it ({type(error).__name__})"
        ) from error
    if array.ndim not in (2, 3) or array.dtype.kind not in "buif":
        raise Fault("unsupported_pixels", f"TIFF page of shape {array.shape}, type {array.dtype}")
    return array
