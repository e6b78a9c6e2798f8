"""One decoded DICOM frame to pictures, by the grey-scale pipeline of PS3.4 N.2.

stored values -> modality LUT -> window or VOI LUT -> 8 bits -> inversion for MONOCHROME1.
"""

from collections.abc import Iterator

import numpy as np

from schemas.fact import Statement
from schemas.reject import Fault
from transforms.formats.colour import collapse_equal_channels
from transforms.formats.cutting import show_range, show_window
from transforms.formats.dicom_frames import Frame
from transforms.formats.dicom_lut import (
    modality_values,
    palette_colours,
    show_stated_window,
    show_voi_table,
    stated_window,
)
from transforms.formats.dicom_values import (
    first,
    integer,
    number,
    numbers,
    value,
    word,
    words,
)
from transforms.formats.flags import WINDOW_INVALID
from transforms.formats.intensity import Range
from transforms.formats.volume import Cut
from transforms.formats.windows import CT_DEFAULT, Window, window_named
from transforms.picture import Picture

GREY = ("MONOCHROME1", "MONOCHROME2")
COLOUR = (
    "RGB",
    "YBR_FULL",
    "YBR_FULL_422",
    "YBR_RCT",
    "YBR_ICT",
    "YBR_PARTIAL_420",
    "YBR_PARTIAL_422",
)


def photometric(frame: Frame) -> str:
    """Photometric Interpretation; PS3.3 C.7.6.3.1.2."""
    return word(frame.header, "PhotometricInterpretation").upper()


def is_grey(frame: Frame) -> bool:
    return photometric(frame) in GREY


def native_values(frame: Frame, stored: np.ndarray) -> tuple[np.ndarray, dict[str, object] | None]:
    """Values after the modality LUT and the step that made them."""
    return modality_values(stored, frame.group("PixelValueTransformationSequence"), frame.header)


def in_hounsfield(frame: Frame, modality: str) -> bool:
    """Whether native values are HU: CT, rescaled, no other unit named. PS3.3 C.11.1.1.2."""
    group = frame.group("PixelValueTransformationSequence")
    if modality != "CT" or number(group, "RescaleSlope") is None:
        return False
    localizer = "LOCALIZER" in [w.upper() for w in words(frame.header, "ImageType")]
    return not localizer and word(group, "RescaleType").upper() in ("", "HU")


def padding_mask(frame: Frame, stored: np.ndarray) -> np.ndarray | None:
    """Pixels that are padding and no measurement, None where none is stated. PS3.3 C.7.5.1.1.2."""
    if value(frame.header, "PixelPaddingValue") is None:
        return None
    one = integer(frame.header, "PixelPaddingValue")
    other = number(frame.header, "PixelPaddingRangeLimit")
    low, high = sorted((one, one if other is None else int(other)))
    mask = (stored >= low) & (stored <= high)
    return mask if mask.any() else None


def show_frame(
    frame: Frame, stored: np.ndarray, cut: Cut, *, key: str, modality: str,
    stack_range: Range | None,
) -> Iterator[Picture]:  # fmt: skip
    """Pictures of one frame: one, or one for each window asked of a CT.

    `stack_range` is what frames that state no window show; None: 8-bit values as they are.
    """
    kind = photometric(frame)
    if kind == "PALETTE COLOR":
        yield _palette(frame, stored, key, modality)
    elif stored.ndim == 3 and kind in COLOUR:
        yield _colour(frame, stored, key, modality)
    elif stored.ndim == 2 and kind in GREY:
        yield from _grey(frame, stored, cut, key, modality, stack_range)
    else:
        raise Fault("unsupported_pixels", "photometric interpretation that is not supported")


def _palette(frame: Frame, stored: np.ndarray, key: str, modality: str) -> Picture:
    picture = Picture(key=key, display=palette_colours(stored, frame.header), modality=modality)
    picture.note("palette_to_rgb")
    collapse_equal_channels(picture)
    return picture


def _colour(frame: Frame, stored: np.ndarray, key: str, modality: str) -> Picture:
    picture = Picture(key=key, display=stored, modality=modality)
    if photometric(frame) != "RGB":
        picture.note("to_rgb", source=photometric(frame))
    if stored.dtype != np.uint8:
        top = 2 ** integer(frame.header, "BitsStored", stored.dtype.itemsize * 8) - 1
        show_range(picture, Range(0, top, "bits stored"))
    collapse_equal_channels(picture)
    return picture


def _grey(
    frame: Frame, stored: np.ndarray, cut: Cut, key: str, modality: str,
    stack_range: Range | None,
) -> Iterator[Picture]:  # fmt: skip
    values, step = native_values(frame, stored)
    hounsfield = in_hounsfield(frame, modality)
    windows: list[Window | None] = [None]
    if hounsfield and cut.windows:
        windows = [window_named(name) for name in cut.windows]
    for window in windows:
        picture = Picture(key=key, display=stored, modality=modality)
        picture.unit = "HU" if hounsfield else None
        picture.native = values
        if step is not None:
            picture.note("modality_lut", **step)
        if window is not None:
            show_window(picture, window)
            picture.key += f";window={window.name}".removeprefix("" if key else ";")
        else:
            _show_stated(frame, picture, values, stored, stack_range)
        if photometric(frame) == "MONOCHROME1":
            picture.display = 255 - picture.display
            picture.note("invert", reason="MONOCHROME1")
            if not hounsfield:
                picture.native = None  # high values are dark: what is shown is what is measured
        yield picture


def _show_stated(
    frame: Frame,
    picture: Picture,
    values: np.ndarray,
    stored: np.ndarray,
    stack_range: Range | None,
) -> None:
    """The header's first window, else its VOI LUT, soft tissue for CT, a range, or as stored."""
    group = frame.group("FrameVOILUTSequence")
    stated = stated_window(group)
    if numbers(group, "WindowWidth") and stated is None:
        picture.flags.append(WINDOW_INVALID)
    if stated is not None:
        center, width, function = stated
        picture.display = show_stated_window(values, center, width, function)
        picture.window = f"{center:g}/{width:g}"
        picture.note("window", center=center, width=width, function=function, source="header")
        picture.statements.append(Statement("window", picture.window, pointer="DICOM (0028,1050)"))
    elif (table := show_voi_table(values, group, frame.header)) is not None:
        picture.display = table
        picture.note("voi_lut", source="header")
    elif picture.unit == "HU":
        show_window(picture, CT_DEFAULT)
    elif stack_range is not None:
        show_range(picture, stack_range)
    elif stored.dtype != np.uint8:  # 8 bits, signed
        show_range(picture, Range(-128, 127, "bits stored"))


def states_no_window(frame: Frame) -> bool:
    """Whether display must fall back on the values themselves."""
    group = frame.group("FrameVOILUTSequence")
    return stated_window(group) is None and first(group, "VOILUTSequence") is None
