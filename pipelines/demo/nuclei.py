"""Fluorescence-like phantoms: bright nuclei on black, one mask file per nucleus.

Layout: <image>/images/<image>.png and <image>/masks/<image>_<n>.png; every fifth image has no masks.
"""

from pathlib import Path

import numpy as np

from pipelines.demo.shapes import blob, soften, texture, to_uint8
from pipelines.demo.truth import Phantom, drawn, write_png

SIZE = (160, 192)
COUNT = 10


def write(root: Path) -> list[Phantom]:
    """Write COUNT images with 5 to 14 nuclei each."""
    return [_write_one(root, number) for number in range(COUNT)]


def _write_one(root: Path, number: int) -> Phantom:
    rng = np.random.default_rng([13, number])
    name = f"field{number:02d}"
    masks = _nuclei(rng, 5 + number)
    write_png(root / name / "images" / f"{name}.png", _micrograph(rng, masks))
    annotated = number % 5 != 4
    for n, mask in enumerate(masks if annotated else []):
        write_png(root / name / "masks" / f"{name}_{n:02d}.png", mask)
    objects = [drawn("nucleus", mask, annotated=annotated) for mask in masks]
    return Phantom(f"{name}/images/{name}.png", name, [SIZE[1], SIZE[0]], objects)


def _nuclei(rng: np.random.Generator, wanted: int) -> list[np.ndarray]:
    """Masks that share no pixel and keep a gap; fewer than `wanted` where no room is left."""
    masks: list[np.ndarray] = []
    taken = np.zeros(SIZE, bool)
    for _ in range(200):
        if len(masks) == wanted:
            break
        center, radii = rng.uniform((14, 14), (146, 178)), rng.uniform((7, 9), (11, 14))
        grown = blob(SIZE, tuple(center), tuple(radii + 3))
        if not (grown & taken).any():
            tilt = rng.uniform(0, np.pi)
            masks.append(blob(SIZE, tuple(center), tuple(radii), tilt=tilt, rough=0.05, rng=rng))
            taken |= blob(SIZE, tuple(center), (radii.max() + 2, radii.max() + 2))
    return masks


def _micrograph(rng: np.random.Generator, masks: list[np.ndarray]) -> np.ndarray:
    light = np.full(SIZE, 9.0, np.float32)
    for mask in masks:
        light[mask] = rng.uniform(95, 210)
    light = soften(light * (1 + 0.12 * texture(rng, SIZE, 2.5)), 1.0)
    return to_uint8(rng.poisson(np.clip(light, 0, None) / 2) * 2.0)
