"""How much of each stain a pixel holds: colour deconvolution."""

import numpy as np

HEMATOXYLIN = (0.65, 0.70, 0.29)
EOSIN = (0.07, 0.99, 0.11)
"""Optical density in red, green, blue: Ruifrok and Johnston, Anal Quant Cytol Histol 23 (2001) 291."""

GREY = (
    6  # levels; channels of a grey picture differ by less, see transforms/layouts/modality_rules.py
)


def optical_density(image: np.ndarray) -> np.ndarray:
    """[H, W, 3] uint8 on a white ground to [H, W, 3] float: how much light each channel has lost."""
    return np.asarray(-np.log10(np.maximum(image.astype(float), 1.0) / 255.0))


def hematoxylin_density(image: np.ndarray) -> np.ndarray:
    """[H, W, 3] uint8 on a white ground to [H, W] float: optical density of hematoxylin, 0 where none.

    The third stain is what is perpendicular to the two, as in the publication.
    """
    stains = np.array([HEMATOXYLIN, EOSIN, np.cross(HEMATOXYLIN, EOSIN)])
    stains /= np.linalg.norm(stains, axis=1, keepdims=True)
    return np.maximum(optical_density(image) @ np.linalg.inv(stains)[:, 0], 0.0)


def has_colour(image: np.ndarray) -> bool:
    """Do the channels of a picture differ at all? False for [H, W]."""
    if image.ndim != 3:
        return False
    levels = image.astype(np.int16)
    return bool(np.percentile(levels.max(axis=2) - levels.min(axis=2), 99) > GREY)
