"""Look-up tables and windows of DICOM: modality LUT, VOI LUT, palette.

Sources: PS3.3 C.11.1, C.11.2, C.7.6.3.1.5.

Table indices are kept wide here: a table of 8-bit entries may have more than 256 of them.
"""

from typing import TYPE_CHECKING

import numpy as np

from schemas.reject import Fault
from transforms.formats.dicom_values import first, integer, number, numbers, value, word
from transforms.formats.intensity import (
    exact_window_to_bytes,
    range_to_bytes,
    sigmoid_to_bytes,
    window_to_bytes,
)

if TYPE_CHECKING:
    from pydicom import Dataset


def modality_values(
    stored: np.ndarray, group: "Dataset", header: "Dataset"
) -> tuple[np.ndarray, dict[str, object] | None]:
    """Stored values through the modality LUT or rescale, and what was applied (None: nothing).

    `group` holds Rescale Slope and Intercept: the frame's Pixel Value Transformation or the header.
    Whole-number rescales of integers stay exact integers.
    """
    table = first(header, "ModalityLUTSequence")
    if table is not None:
        return _look_up(stored, table, header), {"kind": "modality LUT"}
    slope, intercept = number(group, "RescaleSlope"), number(group, "RescaleIntercept")
    if slope is None or intercept is None:
        scaling = number(header, "DoseGridScaling")
        if scaling is None:
            return stored, None
        return stored * scaling, {"kind": "dose grid scaling", "slope": scaling}
    parameters = {"kind": "rescale", "slope": slope, "intercept": intercept}
    if slope.is_integer() and intercept.is_integer() and stored.dtype.kind in "iu":
        wide = np.int32 if stored.dtype.itemsize <= 2 and abs(slope) < 1 << 14 else np.int64
        return stored.astype(wide) * int(slope) + int(intercept), parameters
    return stored * slope + intercept, parameters


def stated_window(group: "Dataset") -> tuple[float, float, str] | None:
    """(center, width, function) of the first window of the header; None where none is usable.

    A width below 1 is invalid for LINEAR (PS3.3 C.11.2.1.2.1), one of 0 or less for the others.
    """
    centers, widths = numbers(group, "WindowCenter"), numbers(group, "WindowWidth")
    if not centers or not widths:
        return None
    function = word(group, "VOILUTFunction") or "LINEAR"
    smallest = 1.0 if function == "LINEAR" else np.nextafter(0.0, 1.0)
    return (centers[0], widths[0], function) if widths[0] >= smallest else None


WINDOW_FUNCTIONS = {
    "LINEAR": window_to_bytes,
    "LINEAR_EXACT": exact_window_to_bytes,
    "SIGMOID": sigmoid_to_bytes,
}
"""VOI LUT Function (0028,1056), PS3.3 C.11.2.1.3."""


def show_stated_window(
    values: np.ndarray, center: float, width: float, function: str
) -> np.ndarray:
    """Values through the header's window, uint8. Raises Fault on a function of no standard."""
    if function not in WINDOW_FUNCTIONS:
        raise Fault("malformed_header", "VOI LUT Function is not one of the standard's three")
    return WINDOW_FUNCTIONS[function](values, center, width)


def show_voi_table(values: np.ndarray, group: "Dataset", header: "Dataset") -> np.ndarray | None:
    """Values through the first VOI LUT, scaled from its entries' bits to uint8; None: no table."""
    table = first(group, "VOILUTSequence")
    if table is None:
        return None
    bits = int(numbers(table, "LUTDescriptor")[2])
    return range_to_bytes(_look_up(np.rint(values), table, header), 0, 2**bits - 1)


def _look_up(values: np.ndarray, table: "Dataset", header: "Dataset") -> np.ndarray:
    """PS3.3 C.11.1.1.1: below the first mapped value the first entry, above the last the last."""
    start, entries = _table(table, "LUTDescriptor", "LUTData", header)
    index = np.clip(values.astype(np.int64) - start, 0, len(entries) - 1)
    return entries[index]


def _table(ds: "Dataset", descriptor: str, data: str, header: "Dataset") -> tuple[int, np.ndarray]:
    """(first mapped value, entries). Entries of 8 bits may be packed two to a word."""
    shape = numbers(ds, descriptor)
    if len(shape) != 3 or value(ds, data) is None:
        raise Fault("malformed_header", f"{data} or its descriptor is incomplete")
    count, start, bits = int(shape[0]) or 1 << 16, int(shape[1]), int(shape[2])
    if start > 1 << 15 and integer(header, "PixelRepresentation") == 1:
        start -= 1 << 16  # a signed value that was read as unsigned
    raw = value(ds, data)
    if isinstance(raw, bytes):
        little = getattr(header.file_meta, "TransferSyntaxUID", None)
        order = "<" if little is None or little.is_little_endian else ">"
        entries = np.frombuffer(raw, np.uint8 if len(raw) < 2 * count else f"{order}u2")
    else:
        entries = np.asarray(raw, np.uint16)
        if len(entries) * 2 == count + count % 2 and bits == 8:
            entries = entries.astype("<u2").view(np.uint8)
    if len(entries) < count:
        raise Fault("malformed_header", f"{data} of {len(entries)} entries, {count} declared")
    return start, entries[:count].astype(np.uint16)


def palette_colours(indices: np.ndarray, header: "Dataset") -> np.ndarray:
    """[H, W] palette indices to [H, W, 3] uint8 RGB. Raises Fault malformed_header."""
    if value(header, "RedPaletteColorLookupTableData") is None:
        return _segmented_palette(indices, header)
    channels = []
    for name in ("Red", "Green", "Blue"):
        descriptor, data = (
            f"{name}PaletteColorLookupTableDescriptor",
            f"{name}PaletteColorLookupTableData",
        )
        start, entries = _table(header, descriptor, data, header)
        index = np.clip(indices.astype(np.int64) - start, 0, len(entries) - 1)
        channels.append(entries[index])
    colours = np.stack(channels, axis=-1)
    eight_bit = numbers(header, "RedPaletteColorLookupTableDescriptor")[2] == 8
    return (colours if eight_bit else colours >> 8).astype(np.uint8)


def _segmented_palette(indices: np.ndarray, header: "Dataset") -> np.ndarray:
    from pydicom.pixels import apply_color_lut

    try:
        colours = apply_color_lut(indices, header)[..., :3]
    except Exception as error:  # hostile segments: many kinds
        raise Fault("malformed_header", "the palette cannot be expanded") from error
    return (colours >> 8 if colours.dtype == np.uint16 else colours).astype(np.uint8)
