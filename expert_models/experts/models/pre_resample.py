"""Resampling between grids: half-pixel centres, edges held. Pixel i covers [i, i + 1)."""

from collections.abc import Sequence

import numpy as np

from expert_models.experts.models.card_input import Interpolation


def centres(count: int, of: int) -> np.ndarray:
    """[count] float64: where the centres of `count` equal parts lie on a grid of `of` pixels, as indices.

    Index 0 is the centre of the first pixel; as torch (align_corners=False), OpenCV and SimpleITK of two
    images with the same edges.
    """
    return (np.arange(count) + 0.5) * (of / count) - 0.5


def linear_at(values: np.ndarray, axis: int, where: np.ndarray) -> np.ndarray:
    """Values at fractional indices of one axis, between its two neighbours; beyond the ends, the ends.

    float32 in, float32 out, whatever the other axes are. where: [M] indices.
    """
    length = values.shape[axis]
    where = np.clip(where, 0, length - 1)
    if len(where) == length and np.array_equal(where, np.arange(length)):
        return values
    low = np.minimum(np.floor(where).astype(np.intp), max(length - 2, 0))
    share = (where - low).astype(np.float32)
    share = share.reshape([-1 if i == axis else 1 for i in range(values.ndim)])
    first = np.take(values, low, axis)
    second = np.take(values, np.minimum(low + 1, length - 1), axis)
    second -= first
    second *= share
    second += first
    return second


def nearest_at(values: np.ndarray, axis: int, where: np.ndarray) -> np.ndarray:
    """The value whose pixel an index falls in; between two, the upper."""
    index = np.floor(np.asarray(where) + 0.5).astype(np.intp)
    return np.take(values, np.clip(index, 0, values.shape[axis] - 1), axis)


def sampled(values: np.ndarray, where: Sequence[np.ndarray], *, nearest: bool) -> np.ndarray:
    """`values` at the indices of each of its axes."""
    at = nearest_at if nearest else linear_at
    for axis, indices in enumerate(where):
        values = at(values, axis, indices)
    return values


def resized(picture: np.ndarray, shape: tuple[int, int], how: Interpolation) -> np.ndarray:
    """[H, W] or [H, W, C] float32 at another size, (rows, columns)."""
    if picture.shape[:2] == shape:
        return picture
    if how == "antialias":
        return _antialiased(picture, shape)
    import cv2

    flags = {
        "linear": cv2.INTER_LINEAR,
        "area": cv2.INTER_AREA,
        "cubic": cv2.INTER_CUBIC,
        "nearest": cv2.INTER_NEAREST_EXACT,
    }
    return np.asarray(cv2.resize(picture, shape[::-1], interpolation=flags[how]))


def _antialiased(picture: np.ndarray, shape: tuple[int, int]) -> np.ndarray:
    from PIL import Image

    layers = picture[..., None] if picture.ndim == 2 else picture
    made = [
        np.asarray(
            Image.fromarray(np.ascontiguousarray(layers[..., i])).resize(
                shape[::-1], Image.Resampling.BILINEAR
            )
        )
        for i in range(layers.shape[2])
    ]
    return made[0] if picture.ndim == 2 else np.stack(made, axis=-1)
