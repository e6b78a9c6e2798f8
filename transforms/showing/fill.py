"""Fill holes of a picture from what surrounds them, so that nothing of their content remains."""

import numpy as np


def filled(pixels: np.ndarray, hole: np.ndarray) -> np.ndarray:
    """[H, W(, C)] uint8 with the pixels under `hole` replaced by a smooth continuation of the rest.

    Push-pull (Gortler et al., The Lumigraph, 1996): means of what is known are passed up a pyramid
    of halved pictures, and down again into the holes. Pixels outside stay as they are. Where
    everything is hole, the result is mid grey.
    """
    if hole.all():
        return np.full_like(pixels, 128)
    values = pixels.astype(np.float64).reshape(*pixels.shape[:2], -1)
    smooth = _pull(values * ~hole[..., None], (~hole).astype(np.float64))
    out = np.where(hole[..., None], np.clip(np.rint(smooth), 0, 255), values)
    return out.astype(np.uint8).reshape(pixels.shape)


def _pull(sums: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """[H, W, C] means of `sums / weights` where there is weight, else of the coarser picture.

    sums [H, W, C]: value times weight. weights [H, W].
    """
    if (weights > 0).all():
        return sums / weights[..., None]
    coarse = _pull(_halved(sums), _halved(weights))
    height, width = weights.shape
    below = _doubled(_doubled(coarse, 0), 1)[:height, :width]
    full = np.clip(weights, 0, 1)[..., None]
    known = sums / np.maximum(weights, 1e-12)[..., None]
    return full * known + (1 - full) * below


def _halved(values: np.ndarray) -> np.ndarray:
    """Sums of 2 x 2 blocks; an odd edge is padded with nothing."""
    pad = [(0, values.shape[0] % 2), (0, values.shape[1] % 2)] + [(0, 0)] * (values.ndim - 2)
    even = np.pad(values, pad)
    rows = even[0::2] + even[1::2]
    return rows[:, 0::2] + rows[:, 1::2]


def _doubled(values: np.ndarray, axis: int) -> np.ndarray:
    """Twice as long along an axis, linear between the centres of the coarse pixels."""
    before = np.concatenate(
        [values.take([0], axis), values.take(range(values.shape[axis] - 1), axis)], axis
    )
    after = np.concatenate(
        [values.take(range(1, values.shape[axis]), axis), values.take([-1], axis)], axis
    )
    pair = np.stack([0.75 * values + 0.25 * before, 0.75 * values + 0.25 * after], axis + 1)
    shape = list(values.shape)
    shape[axis] *= 2
    return pair.reshape(shape)
