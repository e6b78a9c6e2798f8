"""Fluorescence or bright field, on pictures made to look like each."""

import numpy as np
import pytest

from transforms.layouts.modality_rules import fluorescence_or_brightfield
from transforms.picture import Picture


def cells(background: int, spots: int, tint: tuple[int, int, int] = (0, 0, 0)) -> np.ndarray:
    """[40, 50, 3]: a background with a few spots of another brightness, and a tint."""
    grey = np.full((40, 50), background)
    grey[5:12, 6:14] = grey[20:30, 30:42] = spots
    return np.clip(grey[..., None] + np.array(tint), 0, 255).astype(np.uint8)


@pytest.mark.parametrize(
    ("display", "code"),
    [
        (cells(8, 120), "GM-FL"),
        (cells(8, 120)[..., 0], "GM-FL"),  # stored as one channel
        (cells(8, 120) + np.arange(3, dtype=np.uint8), "GM-FL"),  # channels apart by JPEG noise
        (cells(210, 120), "GM-BF"),  # phase contrast, unstained: grey, bright
        (cells(200, 90, (0, -60, 20)), "GM-BF"),  # haematoxylin and eosin
        (cells(40, 120, (30, 0, 40)), "GM-BF"),  # dark, yet coloured
    ],
)
def test_rule(display: np.ndarray, code: str) -> None:
    assert fluorescence_or_brightfield(Picture("", display)) == code
