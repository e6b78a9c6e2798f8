"""Copies of a picture as models get it: scaled, with the regions drawn, blank, or with regions taken out.

The released file itself is never sent. Copies of one picture at one `side` have the same size; only the
overlay of a small picture is enlarged.
"""

import io
from collections.abc import Sequence

import cv2
import numpy as np

from schemas.exchange import SentImage
from schemas.region import Region
from transforms.showing.fill import filled
from transforms.showing.overlay import drawn, enlargement
from transforms.showing.raster import encoded, scaled_mask, scaled_pixels
from transforms.showing.shown import shown_regions

MARGIN = 0.02  # of the longer side: how far beyond its outline a region is taken out


def sent_copy(png: bytes, *, side: int) -> tuple[SentImage, float]:
    """The picture with its longer side at most `side` px, and its scale (sent per released pixel).

    Reduced by area averaging, never enlarged, lossless 8-bit PNG; sides under 28 px are padded right
    and below with black, so that coordinates stay.
    """
    pixels, scale = scaled_pixels(png, side)
    return encoded(pixels), scale


def overlay_copy(png: bytes, regions: Sequence[Region], *, side: int) -> SentImage:
    """The sent copy with `shown_regions(regions)` outlined and tagged R1, R2, ... in that order.

    The numbers are those of `Aliases`. A small picture is enlarged a whole number of times
    (`overlay.enlargement`), for tags need room; boxes are told in the plain copy's pixels. Raises ValueError where a mask is not the picture's size.
    """
    pixels, scale = scaled_pixels(png, side)
    enlarge = enlargement(pixels.shape[1], pixels.shape[0], side)
    return encoded(drawn(pixels, shown_regions(regions), scale, enlarge=enlarge))


def blank_copy(image: SentImage) -> SentImage:
    """A picture of the same size that shows nothing: the mean grey of the image everywhere."""
    from PIL import Image as Pillow

    with Pillow.open(io.BytesIO(image.data)) as opened:
        grey = np.asarray(opened.convert("L"))
    return encoded(np.full_like(grey, round(float(grey.mean()))))


def masked_copy(png: bytes, regions: Sequence[Region], *, side: int) -> SentImage:
    """The sent copy with the given regions taken out: no outline, no tag, nothing of their pixels.

    Each region (its mask, else its box) is widened by MARGIN of the longer side and filled with a
    smooth continuation of what surrounds it. That hides what the region looks like; a smooth patch
    in a textured picture may still tell where it lay.
    """
    pixels, scale = scaled_pixels(png, side)
    height, width = pixels.shape[:2]
    hole = np.zeros((height, width), np.uint8)
    for region in regions:
        hole |= scaled_mask(region, (width, height), scale).astype(np.uint8)
    reach = max(2, round(MARGIN * max(height, width)))
    disc = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * reach + 1, 2 * reach + 1))
    return encoded(filled(pixels, cv2.dilate(hole, disc) > 0))
