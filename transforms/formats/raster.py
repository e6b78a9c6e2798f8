"""Raster files (PNG, JPEG, TIFF, BMP, GIF) to pictures."""

from pathlib import Path

import numpy as np
from PIL import Image

from schemas.reject import Fault
from transforms.formats.colour import collapse_equal_channels, drop_alpha
from transforms.formats.cutting import show_range
from transforms.formats.flags import EXIF_TURNED, FIRST_FRAME
from transforms.formats.intensity import percentile_range
from transforms.formats.raster_decode import (
    MAX_PIXELS,
    is_tiff,
    opened,
    read_file,
    samples,
    tiff_samples,
)
from transforms.picture import Picture

_EXIF_ORIENTATION = 0x0112
_AS_RGB = ("CMYK", "YCbCr", "LAB", "HSV", "RGBX")  # no other display reading of these modes


def read_raster(
    path: Path, *, max_pixels: int = MAX_PIXELS, percentiles: tuple[float, float] = (0.0, 100.0)
) -> Picture:
    """One picture, key "", display [H, W] or [H, W, 3] uint8, every step noted.

    8-bit pixels are kept as they are. Deeper ones are mapped from the given percentiles of their
    own values (default: smallest and largest; a 16-bit file may hold 0-235) and kept in `native`.
    EXIF orientation is applied and flagged, since masks and boxes may be drawn before or after it.
    Raises Fault file_absent, not_this_format, truncated, undecodable, too_large or
    unsupported_pixels.
    """
    data = read_file(path)
    picture = Picture(key="", display=np.empty((0, 0), np.uint8))
    try:
        with opened(data, max_pixels) as image:
            picture.display = _display_samples(image, data, picture)
    except Fault as fault:
        if not is_tiff(data) or fault.reason == "too_large":
            raise
        picture.display = _channels_last(tiff_samples(data, max_pixels))
    drop_alpha(picture)
    _to_bytes(picture, percentiles)
    collapse_equal_channels(picture)
    return picture


def read_array(
    path: Path, *, max_pixels: int = MAX_PIXELS, expand_palette: bool = False
) -> np.ndarray:
    """Stored samples of a mask or label map, [H, W] or [H, W, C], any integer or float type.

    No scaling, no alpha handling, no EXIF rotation. Palette files give their indices, or with
    `expand_palette` their colours; 1-bit files give 0 and 255. Raises Fault as `read_raster` does.
    """
    data = read_file(path)
    try:
        with opened(data, max_pixels) as image:
            if image.mode == "P" and expand_palette:
                return np.asarray(image.convert("RGB"))
            return samples(image, data)
    except Fault as fault:
        if not is_tiff(data) or fault.reason == "too_large":
            raise
        return _channels_last(tiff_samples(data, max_pixels))


def _display_samples(image: Image.Image, data: bytes, picture: Picture) -> np.ndarray:
    """Samples with palette and colour space resolved and the EXIF rotation applied."""
    if getattr(image, "is_animated", False):
        picture.note("first_frame_of_file")
        picture.flags.append(FIRST_FRAME)
    array = _resolved(image, data, picture)
    turn = _exif_orientation(image)
    if turn in _EXIF_TURNS:
        picture.note("exif_orientation", orientation=turn)
        picture.flags.append(EXIF_TURNED)
        array = np.ascontiguousarray(_EXIF_TURNS[turn](array))
    return array


def _exif_orientation(image: Image.Image) -> int:
    """EXIF orientation 1-8. A PNG without eXIf chunk is not asked: Pillow would decode it."""
    if image.format == "PNG" and "exif" not in image.info:
        return 1
    return image.getexif().get(_EXIF_ORIENTATION, 1)


_EXIF_TURNS = {  # EXIF 2.32, tag 0x0112: what makes the stored rows and columns upright
    2: lambda a: a[:, ::-1],
    3: lambda a: a[::-1, ::-1],
    4: lambda a: a[::-1],
    5: lambda a: np.swapaxes(a, 0, 1),
    6: lambda a: np.rot90(a, -1),
    7: lambda a: np.swapaxes(a, 0, 1)[::-1, ::-1],
    8: lambda a: np.rot90(a, 1),
}


def _resolved(image: Image.Image, data: bytes, picture: Picture) -> np.ndarray:
    transparent = "transparency" in image.info
    if image.mode in ("P", "PA") or (transparent and image.mode in ("1", "L", "RGB")):
        target = "RGBA" if transparent or image.mode == "PA" else "RGB"
    elif image.mode in _AS_RGB:
        target = "RGB"
    else:
        return samples(image, data)
    picture.note("convert_colour", source=image.mode, target=target)
    return np.asarray(image.convert(target))


def _channels_last(array: np.ndarray) -> np.ndarray:
    """Planar TIFF pages [C, H, W] as [H, W, C]."""
    if array.ndim == 3 and array.shape[0] in (2, 3, 4) and array.shape[2] not in (2, 3, 4):
        return np.moveaxis(array, 0, -1)
    return array


def _to_bytes(picture: Picture, percentiles: tuple[float, float]) -> None:
    array = picture.display
    if array.ndim == 3 and array.shape[2] != 3:
        raise Fault("unsupported_pixels", f"{array.shape[2]} channels")
    if array.dtype == np.uint8:
        return
    if array.dtype == bool:
        picture.display = array.astype(np.uint8) * 255
        return
    if array.dtype.kind == "f" and not np.isfinite(array).all():
        raise Fault("unsupported_pixels", "floating-point pixels with NaN or infinity")
    picture.native = array if array.ndim == 2 else None
    show_range(picture, percentile_range(array, percentiles, f"{array.dtype} values of the file"))
