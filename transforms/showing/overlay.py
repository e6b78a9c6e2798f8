"""The regions drawn on a copy of the picture: a thin outline each, and a tag with its number."""

from collections.abc import Sequence

import numpy as np

from schemas.region import Region
from transforms.drawing import HALO, PALETTE, Colour
from transforms.showing.raster import scaled_mask, sent_box
from transforms.showing.tags import place_for, plate

NAMES = ("orange", "sky blue", "green", "yellow", "blue", "red", "pink", "lime")
"""What the colours of transforms.drawing.PALETTE are called, for the text that goes with the picture."""


def colour_name(number: int) -> str:
    """Name of the colour in which region `number` (from 1) is drawn; they repeat."""
    return NAMES[(number - 1) % len(NAMES)]


def drawn(pixels: np.ndarray, regions: Sequence[Region], scale: float) -> np.ndarray:
    """[H, W, 3] uint8: the regions numbered from 1 in this order.

    pixels  [H, W] or [H, W, 3], already scaled. Outlines run round the region, not on it; only a
    region that fills its surroundings has a line inside its neighbour.
    """
    canvas = np.repeat(pixels[..., None], 3, axis=2) if pixels.ndim == 2 else pixels.copy()
    height, width = canvas.shape[:2]
    line = max(1, round(max(height, width) / 512))
    masks = [scaled_mask(r, (width, height), scale) for r in regions]
    for number, (region, mask) in reversed(list(enumerate(zip(regions, masks, strict=True)))):
        _outline(canvas, mask, _colour(number), line, halo=region.mask is not None)
    busy, taken = np.zeros((height, width), bool), np.zeros((height, width), bool)
    for mask in masks:
        busy |= mask
    for number, region in enumerate(regions):
        tag = plate(f"R{number + 1}", _colour(number), 9 + 2 * line)
        at = place_for(tag.shape[:2], sent_box(region.box, scale), busy, taken)
        window = np.s_[at[0] : at[0] + tag.shape[0], at[1] : at[1] + tag.shape[1]]
        shown = canvas[window]
        shown[:] = tag[: shown.shape[0], : shown.shape[1]]
        taken[window] = True
    return canvas


def _colour(place: int) -> Colour:
    return PALETTE[place % len(PALETTE)]


def _outline(
    canvas: np.ndarray, mask: np.ndarray, colour: Colour, width: int, *, halo: bool
) -> None:
    """A line of colour round the mask and, round a traced one, a dark pixel beyond that."""
    line = mask
    for _ in range(width):
        line = _grown(line)
    if halo:
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
