"""Modalities that no file states, measured on the pixels by a named rule."""

from collections.abc import Callable

import numpy as np

from transforms.picture import Picture

EQUAL = 6  # grey levels; JPEG and colour conversion move equal channels apart by less
DARK = 96  # grey levels; the median of a fluorescence image is its background


def fluorescence_or_brightfield(picture: Picture) -> str:
    """GM-FL where the channels are equal and most of the picture is dark, else GM-BF.

    Fluorescent dyes shine on black and are stored in grey; transmitted light gives a bright field
    and stains give colour. A grey, bright picture (phase contrast, unstained) is bright-field too.
    """
    display = picture.display.astype(np.int16)
    if display.ndim == 3:
        spread = display.max(axis=2) - display.min(axis=2)
        if np.percentile(spread, 99) > EQUAL:
            return "GM-BF"
        display = display[..., 0]
    return "GM-FL" if np.median(display) < DARK else "GM-BF"


RULES: dict[str, Callable[[Picture], str]] = {
    "fluorescence-or-brightfield": fluorescence_or_brightfield,
}
"""Rule name of a declaration to its function."""
