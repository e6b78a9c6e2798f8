"""Draw regions on a copy of an image, for people to look at.

Lines lie just outside of what they mark, so that no pixel of a finding is hidden; everything is
made of whole pixels (no smoothing, no fonts of the machine): the same input gives the same bytes.
"""

import io
from collections.abc import Sequence

import cv2
import numpy as np

from schemas.region import Region

Colour = tuple[int, int, int]

PALETTE: tuple[Colour, ...] = (
    (230, 159, 0), (86, 180, 233), (0, 190, 140), (240, 228, 66),
    (0, 114, 230), (213, 94, 0), (204, 121, 167), (180, 220, 60),
)  # fmt: skip
"""Colours that people with a colour vision deficiency tell apart (after Okabe and Ito, 2008)."""

HALO: Colour = (0, 0, 0)

# 3 x 5 dots a digit, row by row, the highest bit left.
_DIGITS = ("75557", "26227", "71747", "71717", "55711", "74717", "74757", "71122", "75757", "75717")
_DOT = 2  # px


def colours(labels: Sequence[str]) -> dict[str, Colour]:
    """A colour for each label, by order of first appearance; they repeat after len(PALETTE)."""
    distinct = dict.fromkeys(labels)
    return {label: PALETTE[k % len(PALETTE)] for k, label in enumerate(distinct)}


def draw(
    png: bytes, regions: Sequence[Region], *, enlarge: int = 1, reduce: int = 1, line: int = 1
) -> bytes:
    """The image as lossless RGB PNG with outline, box and number of each region.

    png      any image Pillow reads; regions are in its pixels
    regions  numbered from 1 in this order, coloured by label (`colours`); mask outline and a dashed
             box, or a full box where there is no mask
    enlarge  every pixel becomes enlarge x enlarge equal ones
    reduce   every reduce x reduce pixels become their mean, before `enlarge`
    line     width of the lines, in drawn pixels

    Raises ValueError where a mask has another size than the image.
    """
    from PIL import Image

    with Image.open(io.BytesIO(png)) as image:
        size = (image.height, image.width)
        shown = image.convert("RGB").reduce(reduce)
    canvas = np.asarray(shown).repeat(enlarge, axis=0).repeat(enlarge, axis=1)
    colour_of = colours([region.label for region in regions])
    for region in regions:
        mask = _mask(region, size)
        if mask is not None:
            fitted = _fit(mask, canvas.shape[:2], enlarge, reduce)
            _outline(canvas, fitted, colour_of[region.label], line)
    taken = np.zeros(canvas.shape[:2], bool)
    for number, region in enumerate(regions, start=1):
        box = [edge * enlarge / reduce for edge in region.box]
        for k in range(line):
            around = (box[0] - k, box[1] - k, box[2] + k, box[3] + k)
            _frame(canvas, around, colour_of[region.label], dashed=region.mask is not None)
        _tag(canvas, taken, box, number, colour_of[region.label])
    ok, drawn = cv2.imencode(".png", canvas[..., ::-1], [cv2.IMWRITE_PNG_COMPRESSION, 3])
    if not ok:
        raise ValueError(f"the PNG encoder refused {canvas.shape}")
    return drawn.tobytes()


def _mask(region: Region, size: tuple[int, int]) -> np.ndarray | None:
    """[H, W] bool, or None where the region has a box only."""
    if region.mask is None:
        return None
    from pycocotools import mask as coco

    if tuple(region.mask["size"]) != size:
        raise ValueError(
            f"mask of {region.mask['size']} on an image of {list(size)} (height, width)"
        )
    code = {"size": list(size), "counts": region.mask["counts"].encode()}
    return coco.decode(code).astype(bool)


def _fit(mask: np.ndarray, size: tuple[int, ...], enlarge: int, reduce: int) -> np.ndarray:
    """The mask on the drawn grid; a reduced pixel is marked where any of its pixels is."""
    if reduce > 1:
        padded = np.pad(mask, [(0, -n % reduce) for n in mask.shape])
        height, width = (n // reduce for n in padded.shape)
        mask = np.asarray(padded.reshape(height, reduce, width, reduce).any(axis=(1, 3)))
    return mask.repeat(enlarge, axis=0).repeat(enlarge, axis=1)[: size[0], : size[1]]


def _grown(mask: np.ndarray) -> np.ndarray:
    """The mask and its four neighbours."""
    grown = mask.copy()
    grown[1:] |= mask[:-1]
    grown[:-1] |= mask[1:]
    grown[:, 1:] |= mask[:, :-1]
    grown[:, :-1] |= mask[:, 1:]
    return grown


def _outline(canvas: np.ndarray, mask: np.ndarray, colour: Colour, width: int) -> None:
    """A line of colour round the mask and a dark pixel round that."""
    line = mask
    for _ in range(width):
        line = _grown(line)
    canvas[_grown(line) & ~line] = HALO
    canvas[line & ~mask] = colour


def _frame(canvas: np.ndarray, box: Sequence[float], colour: Colour, *, dashed: bool) -> None:
    """A one pixel frame round the half-open box, moved inside where it would leave the image."""
    height, width = canvas.shape[:2]
    left, top = max(int(box[0]) - 1, 0), max(int(box[1]) - 1, 0)
    right = min(int(np.ceil(box[2])), width - 1)
    bottom = min(int(np.ceil(box[3])), height - 1)
    rows, columns = np.arange(top, bottom + 1), np.arange(left, right + 1)
    if dashed:
        rows, columns = rows[(rows - top) % 8 < 4], columns[(columns - left) % 8 < 4]
    canvas[rows, left] = canvas[rows, right] = colour
    canvas[top, columns] = canvas[bottom, columns] = colour


def _tag(
    canvas: np.ndarray, taken: np.ndarray, box: Sequence[float], number: int, colour: Colour
) -> None:
    """The number on a plate, outside a corner of the box where there is room, else inside one."""
    plate = _plate(number, colour)
    height, width = plate.shape[:2]
    rows = (int(box[1]) - height, int(np.ceil(box[3])))  # above, below
    columns = (int(box[0]) - 1, int(np.ceil(box[2])) - width + 1)  # at the left, at the right edge
    outside = [(row, column) for row in rows for column in columns]
    inside = [(int(box[1]), int(box[0])), (int(box[3]) - height, int(box[2]) - width)]
    limit = (canvas.shape[0] - height, canvas.shape[1] - width)
    fits = [p for p in outside + inside if 0 <= p[0] <= limit[0] and 0 <= p[1] <= limit[1]]
    free = [p for p in fits if not taken[p[0] : p[0] + height, p[1] : p[1] + width].any()]
    row, column = (free or fits or [(0, 0)])[0]
    window = canvas[row : row + height, column : column + width]
    window[:] = plate[: window.shape[0], : window.shape[1]]
    taken[row : row + height, column : column + width] = True


def _plate(number: int, colour: Colour) -> np.ndarray:
    """[height, width, 3]: the digits in black on the colour."""
    dots = np.zeros((7, 1 + 4 * len(str(number))), bool)
    for place, digit in enumerate(str(number)):
        for row, bits in enumerate(_DIGITS[int(digit)]):
            for column in range(3):
                dots[1 + row, 1 + 4 * place + column] = int(bits) >> (2 - column) & 1
    big = dots.repeat(_DOT, axis=0).repeat(_DOT, axis=1)
    return np.where(big[..., None], np.uint8(0), np.array(colour, np.uint8))
