"""A text rendered into a picture, at a stated contrast."""

import textwrap
import unicodedata
from collections.abc import Mapping

import numpy as np
from PIL import Image, ImageDraw, ImageFont

CONTRASTS: Mapping[str, int | None] = {"strong": None, "faint": 14, "sub-visual": 2}
"""Grey levels between letters and ground; None: white letters on a black strip."""

SIZES = (18, 16, 14, 12, 11)  # px, the largest at which the text fits
MARGIN = 8  # px


def letter(pixels: np.ndarray, text: str, contrast: str, *, band: int) -> np.ndarray:
    """[H, W] uint8 with `text` in the lowest `band` rows; a copy, all other rows are as they were.

    Letters have hard edges, so that nothing lies between letter and ground. The built-in font draws
    ASCII: accents are dropped. Raises ValueError where the text does not fit.
    """
    folded = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode("ascii")
    mask = _written(" ".join(folded.split()), pixels.shape, band)
    drawn = pixels.astype(np.int16)
    step = CONTRASTS[contrast]
    if step is None:
        drawn[-band:] = 0
        drawn[mask] = 255
        return drawn.astype(np.uint8)
    # Darker where the ground has no room above it, so that no letter is lost to clipping.
    drawn[mask] += np.where(drawn[mask] > 255 - step, -step, step)
    return drawn.astype(np.uint8)


def _written(text: str, shape: tuple[int, ...], band: int) -> np.ndarray:
    """[H, W] bool: the letters."""
    height, width = shape[:2]
    for size in SIZES:
        font = ImageFont.load_default(size)
        per_line = int((width - 2 * MARGIN) / font.getlength("n"))
        lines = "\n".join(textwrap.wrap(text, per_line, break_long_words=True))
        canvas = Image.new("1", (width, height))
        pen = ImageDraw.Draw(canvas)
        pen.fontmode = "1"
        place = (MARGIN, height - band + 4)
        _, _, right, bottom = pen.multiline_textbbox(place, lines, font=font, spacing=2)
        if right <= width and bottom <= height:
            pen.multiline_text(place, lines, fill=1, font=font, spacing=2)
            return np.asarray(canvas, bool)
    raise ValueError(f"a text of {len(text)} letters does not fit in {width} x {band} pixels")
