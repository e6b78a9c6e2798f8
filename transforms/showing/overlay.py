"""The regions drawn on a copy of the picture: a thin outline each, and a tag with its number."""

from collections.abc import Sequence

import numpy as np

from schemas.region import Region
from transforms.drawing import HALO, PALETTE, Colour
from transforms.showing.raster import scaled_mask, sent_box
from transforms.showing.tags import place_for, plate

NAMES = ("orange", "sky blue", "green", "yellow", "blue", "red", "pink", "lime")
"""What the colours of transforms.drawing.PALETTE are called, for the text that goes with the picture."""
LEGIBLE = 640  # px
SMALL = 0.01  # of the picture: what covers less must not be hidden by a tag


def colour_name(number: int) -> str:
    """Name of the colour in which region `number` (from 1) is drawn; they repeat."""
    return NAMES[(number - 1) % len(NAMES)]


def enlargement(width: int, height: int, side: int) -> int:
    """How many times a small picture is enlarged for drawing, so that lines and tags do not bury it.

    The longer side comes to at most LEGIBLE and at most `side` px.
    """
    return max(1, min(LEGIBLE, side) // max(width, height))


def drawn(
    pixels: np.ndarray, regions: Sequence[Region], scale: float, *, enlarge: int = 1
) -> np.ndarray:
    """[H * enlarge, W * enlarge, 3] uint8: the regions numbered from 1 in this order.

    pixels  [H, W] or [H, W, 3], already scaled by `scale`; regions are in released pixels.
    Outlines run round the region, not on it. Raises ValueError where a mask has another size.
    """
    canvas = np.repeat(pixels[..., None], 3, axis=2) if pixels.ndim == 2 else pixels
    size = (canvas.shape[1], canvas.shape[0])
    masks = [_times(scaled_mask(r, size, scale), enlarge) for r in regions]
    canvas = _times(canvas, enlarge).copy()
    line = max(1, round(max(canvas.shape[:2]) / 512))
    for number, mask in reversed(list(enumerate(masks))):
        _outline(canvas, mask, _colour(number), line)
    boxes = [[edge * enlarge for edge in sent_box(r.box, scale)] for r in regions]
    _tag(canvas, masks, boxes, 9 + 2 * line)
    return canvas


def _tag(canvas: np.ndarray, masks: list[np.ndarray], boxes: list[list[int]], height: int) -> None:
    """A plate `R1`, `R2`, ... for each; letters `height` px high."""
    worth, taken = _worth(masks, canvas.shape[:2]), np.zeros(canvas.shape[:2], bool)
    for number, box in enumerate(boxes):
        tag = plate(f"R{number + 1}", _colour(number), height)
        row, column = place_for(tag.shape[:2], box, worth, taken)
        window = canvas[row : row + tag.shape[0], column : column + tag.shape[1]]
        window[:] = tag[: window.shape[0], : window.shape[1]]
        taken[row : row + tag.shape[0], column : column + tag.shape[1]] = True


def _worth(masks: list[np.ndarray], size: tuple[int, ...]) -> np.ndarray:
    """What hiding a pixel costs: 1 on something small, little on an organ that fills the picture."""
    worth = np.zeros(size)
    for mask in masks:
        share = float(mask.mean())
        worth[mask] = np.maximum(worth[mask], min(1.0, SMALL / max(share, 1e-9)))
    return worth


def _times(pixels: np.ndarray, enlarge: int) -> np.ndarray:
    return pixels.repeat(enlarge, axis=0).repeat(enlarge, axis=1)


def _colour(place: int) -> Colour:
    return PALETTE[place % len(PALETTE)]


def _outline(canvas: np.ndarray, mask: np.ndarray, colour: Colour, width: int) -> None:
    """A line of colour round the mask and a dark pixel beyond that."""
    line = mask
    for _ in range(width):
        line = _grown(line)
    canvas[_grown(line) & ~line] = HALO
    canvas[line & ~mask] = colour


def _grown(mask: np.ndarray) -> np.ndarray:
    """The mask and its four neighbours."""
    grown = mask.copy()
    grown[1:] |= mask[:-1]
    grown[:-1] |= mask[1:]
    grown[:, 1:] |= mask[:, :-1]
    grown[:, :-1] |= mask[:, 1:]
    return grown
