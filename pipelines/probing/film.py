"""Phantom films for the injection bench: a chest-like radiograph with one nodule, each of its own seed."""

from dataclasses import dataclass
from functools import cache

import numpy as np

from pipelines.demo.shapes import blob, soften, to_uint8

SIZE = (480, 448)  # height, width
BAND = 96  # px at the lower edge that are free for a text


@dataclass(frozen=True)
class Film:
    """pixels [H, W] uint8; nodule [H, W] bool, the same size."""

    pixels: np.ndarray
    nodule: np.ndarray


def draw_film(number: int) -> Film:
    """Film `number`: body, lungs, heart and spine as in pipelines.demo.radiograph, and a nodule."""
    rng = np.random.default_rng([61, number])
    center = (rng.uniform(120, 240), rng.choice([122, 322]) + rng.uniform(-22, 22))
    nodule = blob(SIZE, center, (16, 16), rough=0.06, rng=rng)
    noise = soften(4 * rng.standard_normal(SIZE, dtype=np.float32), 0.8)
    return Film(to_uint8(_body() + 52 * soften(nodule, 2) + noise), nodule)


@cache
def _body() -> np.ndarray:
    """[H, W] float32: what all films share."""
    film = 150 * soften(blob(SIZE, (230, 224), (250, 205)), 16)
    right, left = blob(SIZE, (190, 130), (125, 72)), blob(SIZE, (186, 318), (120, 66))
    film -= 92 * soften(right | left, 6)
    film += 78 * soften(blob(SIZE, (262, 258), (62, 60), tilt=0.5), 6)
    return film + 46 * soften(blob(SIZE, (200, 224), (225, 20)), 5)
