"""Breast-ultrasound-like phantoms: speckle, layers, one dark mass. Class and side are in the name.

Layout: images/<class>_<number>-<l|r>.png and masks/ of the same names (0/255); every fourth patient
has no masks.
"""

from pathlib import Path

import numpy as np

from pipelines.demo.shapes import blob, soften, texture, to_uint8
from pipelines.demo.truth import Phantom, drawn, write_png

SIZE = (192, 256)
COUNT = 16


def write(root: Path) -> list[Phantom]:
    """Write COUNT images; two per patient, one of each breast."""
    return [_write_one(root, number) for number in range(COUNT)]


def _write_one(root: Path, number: int) -> Phantom:
    rng = np.random.default_rng([11, number])
    kind = "malignant" if number % 3 == 0 else "benign"
    side, patient = "lr"[number % 2], f"{number // 2 + 1:03d}"
    mask = _mass(rng, kind)
    name = f"{kind}_{patient}-{side}.png"
    write_png(root / "images" / name, _scan(rng, mask, kind))
    annotated = number // 2 % 4 != 3
    if annotated:
        write_png(root / "masks" / name, mask)
    return Phantom(
        f"images/{name}",
        patient,
        [SIZE[1], SIZE[0]],
        [drawn("mass", mask, annotated=annotated)],
        {"class": kind, "side": {"l": "left", "r": "right"}[side]},
    )


def _mass(rng: np.random.Generator, kind: str) -> np.ndarray:
    """Benign: smooth, oval, wider than tall. Malignant: irregular, taller than wide."""
    center = (rng.uniform(75, 115), rng.uniform(70, 186))
    if kind == "benign":
        radii = (rng.uniform(15, 22), rng.uniform(26, 38))
        return blob(SIZE, center, radii, tilt=rng.uniform(-0.2, 0.2))
    radii = (rng.uniform(26, 34), rng.uniform(18, 24))
    return blob(SIZE, center, radii, rough=0.16, rng=rng)


def _scan(rng: np.random.Generator, mask: np.ndarray, kind: str) -> np.ndarray:
    """Echo strength times fully developed speckle (Rayleigh), log-compressed."""
    depth = np.linspace(0, 1, SIZE[0], dtype=np.float32)[:, None]
    layers = 1.0 + 0.9 * np.exp(-(((depth - 0.06) / 0.04) ** 2))  # skin
    layers = layers - 0.45 * np.exp(-(((depth - 0.2) / 0.09) ** 2))  # fat
    layers = layers + 0.8 * np.exp(-(((depth - 0.86) / 0.04) ** 2))  # fascia
    echo = layers * np.exp(0.25 * texture(rng, SIZE, 9)) * (1.1 - 0.5 * depth)
    echo = np.where(soften(mask, 0.8) > 0.5, 0.13 if kind == "benign" else 0.2, echo)
    echo = echo * _behind(mask, 1.7 if kind == "benign" else 0.4)
    real, imaginary = (soften(rng.standard_normal(SIZE), 1.1) for _ in range(2))
    speckle = np.hypot(real, imaginary)
    return to_uint8(118 + 38 * np.log(echo * speckle / speckle.mean() + 0.03))


def _behind(mask: np.ndarray, gain: float) -> np.ndarray:
    """Enhancement (gain > 1) or shadow (< 1) below the mass."""
    below = (np.cumsum(mask, axis=0) > 0) & ~mask
    return 1 + (gain - 1) * soften(below, 3) * ~mask
