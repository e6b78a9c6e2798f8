"""Coarse masks are told from outlines by their shape: asymmetric, off the centre, mirrored."""

import cv2
import numpy as np
import pytest

from pipelines.grounding.coarse import is_coarse
from transforms.regions.patch import patch_of

SHAPE = (200, 260)


def ellipse(y: float, x: float, down: float, right: float, degrees: float = 0) -> np.ndarray:
    """[H, W] bool: half axes in pixels, turned clockwise."""
    rows, columns = np.mgrid[: SHAPE[0], : SHAPE[1]] + 0.5
    turn = np.deg2rad(degrees)
    u = (columns - x) * np.cos(turn) + (rows - y) * np.sin(turn)
    v = (rows - y) * np.cos(turn) - (columns - x) * np.sin(turn)
    return (u / right) ** 2 + (v / down) ** 2 <= 1


def polygon(*corners: tuple[int, int]) -> np.ndarray:
    """[H, W] bool from (x, y)."""
    return cv2.fillPoly(np.zeros(SHAPE, np.uint8), [np.array(corners)], 1) != 0


def wobbling(share: float) -> np.ndarray:
    """An upright ellipse whose radius swings by a share, five times around: an outline."""
    rows, columns = np.mgrid[: SHAPE[0], : SHAPE[1]] + 0.5
    v, u = (rows - 90) / 50, (columns - 110) / 80
    return np.hypot(v, u) <= 1 + share * np.sin(5 * np.arctan2(v, u))


BOX = polygon((30, 20), (170, 20), (170, 90), (30, 90))
HOLED = BOX & ~ellipse(50, 80, 15, 25)
COARSE = {
    "box": BOX,
    "small box": polygon((30, 20), (42, 20), (42, 27), (30, 27)),
    "ellipse": ellipse(80, 110, 31, 70),
    "triangle": polygon((20, 150), (200, 170), (60, 30)),
    "turned box": polygon((40, 60), (180, 20), (200, 90), (60, 130)),
    "eight corners": polygon(
        (60, 20), (140, 15), (200, 50), (215, 100), (180, 160), (110, 180), (40, 140), (25, 70)
    ),
}
FINE = {
    "turned ellipse": ellipse(90, 120, 30, 80, 30),
    "small ellipse": ellipse(80, 110, 20, 60),  # 40 px high: a careful outline may look like it
    "outline": wobbling(0.05),
    "holed box": HOLED,
    "arrow": polygon((20, 20), (200, 100), (20, 180), (90, 100)),  # four corners, one goes in
    "two boxes": BOX | polygon((100, 120), (240, 120), (240, 190), (100, 190)),
    "half an ellipse": ellipse(80, 110, 60, 90) & (np.arange(SHAPE[1]) < 110),
}


@pytest.mark.parametrize("turned", [False, True], ids=["as drawn", "mirrored and turned"])
@pytest.mark.parametrize("name", [*COARSE, *FINE])
def test_a_mask_is_coarse_or_an_outline(name: str, turned: bool) -> None:
    mask = (COARSE | FINE)[name]
    patch = patch_of(mask[::-1].T if turned else mask)
    assert patch is not None
    assert is_coarse(patch.rle) is (name in COARSE)


def test_an_empty_mask_is_no_coarse_one() -> None:
    assert not is_coarse({"size": [3, 4], "counts": "<"})  # one run of twelve outside
