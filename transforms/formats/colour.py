"""Channels: alpha, and grey that is stored as colour."""

import numpy as np

from transforms.formats.flags import ALPHA_ON_BLACK
from transforms.picture import Picture


def drop_alpha(picture: Picture) -> None:
    """Remove the alpha channel of [H, W, 2] or [H, W, 4]; noted.

    A constant alpha says nothing and is dropped. A varying one is laid on black, the background of
    most medical pictures; the picture is then flagged `alpha_on_black`.
    """
    array = picture.display
    if array.ndim != 3 or array.shape[2] not in (2, 4):
        return
    colour, alpha = array[..., :-1], array[..., -1]
    if alpha.min() == alpha.max():
        picture.note("drop_constant_alpha", alpha=int(alpha.flat[0]))
    else:
        top = float(np.iinfo(array.dtype).max)
        colour = np.rint(colour * (alpha[..., None] / top)).astype(array.dtype)
        picture.note("lay_alpha_on", background="black")
        picture.flags.append(ALPHA_ON_BLACK)
    picture.display = colour[..., 0] if colour.shape[2] == 1 else colour


def collapse_equal_channels(picture: Picture) -> None:
    """[H, W, 3] whose channels are identical becomes [H, W]; noted."""
    array = picture.display
    if array.ndim != 3:
        return
    first = array[..., 0]
    if np.array_equal(first, array[..., 1]) and np.array_equal(first, array[..., 2]):
        picture.display = np.ascontiguousarray(first)
        picture.note("grey_from_equal_channels")
