"""Ink, folds and focus on drawn pictures."""

import numpy as np
import pytest
from scipy import ndimage

from transforms.slides.focus import blurred, sharpness
from transforms.slides.folds import fold_mask
from transforms.slides.ink import ink_mask
from transforms.slides.tissue import tissue_mask

STAINS = {
    "eosin": (214, 150, 190), "hematoxylin": (90, 60, 140), "blue hematoxylin": (70, 68, 140),
    "DAB": (120, 80, 50), "blood": (190, 60, 80), "keratin": (41, 14, 45), "glass": (243, 243, 243),
    "grey dust": (150, 148, 146),
}  # fmt: skip
INKS = {
    "blue": (40, 80, 170), "green": (30, 130, 90), "black": (25, 24, 30), "red": (220, 25, 40),
}  # fmt: skip


@pytest.mark.parametrize("name", INKS)
def test_ink(name: str) -> None:
    assert ink_mask(np.full((2, 2, 3), INKS[name], np.uint8)).all()


@pytest.mark.parametrize("name", STAINS)
def test_no_stain_is_ink(name: str) -> None:
    assert not ink_mask(np.full((2, 2, 3), STAINS[name], np.uint8)).any()


def layers(number: np.ndarray, color: tuple[int, int, int]) -> np.ndarray:
    """[H, W, 3] uint8: tissue of a colour in so many layers, by Beer and Lambert, with grain."""
    grain = 1 + 0.1 * np.random.default_rng(5).standard_normal(number.shape)
    density = -np.log10(np.array(color) / 255.0) * (number * grain)[..., None]
    return np.rint(245 * 10**-density).clip(0, 255).astype(np.uint8)


def test_a_fold_is_found_where_tissue_lies_twice() -> None:
    number = np.zeros((120, 200))
    number[10:110, 30:190] = 1
    fold = np.zeros(number.shape, bool)
    fold[40:48, 50:170] = True
    number[fold] = 2.5
    image = layers(number, (190, 100, 160))
    found = fold_mask(image, tissue_mask(image)[0])
    assert (found & fold).sum() > 0.8 * (found | fold).sum()


def test_tissue_in_one_layer_has_no_fold() -> None:
    number = np.ones((120, 200))
    for color in ((190, 100, 160), (214, 150, 190), (120, 80, 150)):
        image = layers(number, color)
        assert fold_mask(image, np.ones(number.shape, bool)).mean() < 0.001


def test_too_little_tissue_has_no_fold() -> None:
    image = np.full((50, 50, 3), (40, 10, 60), np.uint8)
    tissue = np.zeros((50, 50), bool)
    tissue[:9, :9] = True
    assert not fold_mask(image, tissue).any()


def cells(side: int, scale: int) -> np.ndarray:
    """[side, side, 3] uint8: discs of 8 `scale` px across on pink."""
    random = np.random.default_rng(2)
    seeds = np.zeros((side, side), bool)
    seeds[tuple(random.integers(0, side, (2, side * side // (20 * scale) ** 2)))] = True
    discs = ndimage.distance_transform_edt(~seeds) < 4 * scale
    return np.where(discs[..., None], (110, 60, 140), (220, 160, 200)).astype(np.uint8)


@pytest.mark.parametrize(("mpp", "scale"), [(0.25, 4), (0.5, 2), (1.0, 1)])
def test_focus_is_judged_alike_at_every_scale(mpp: float, scale: int) -> None:
    sharp = cells(256 * scale // 2, scale)
    soft = ndimage.gaussian_filter(sharp, (3 / mpp, 3 / mpp, 0))  # 3 µm
    slightly = ndimage.gaussian_filter(sharp, (0.3 / mpp, 0.3 / mpp, 0))
    assert not blurred(sharp, mpp)
    assert not blurred(slightly, mpp)
    assert blurred(soft, mpp)


def test_pale_stain_is_not_blurred() -> None:
    sharp = cells(256, 2).astype(float)
    pale = np.rint(245 - (245 - sharp) * 0.25).astype(np.uint8)
    assert sharpness(pale, 0.5) == pytest.approx(sharpness(sharp.astype(np.uint8), 0.5), rel=0.1)


def test_a_tile_without_detail_is_not_in_focus() -> None:
    assert sharpness(np.full((64, 64, 3), 200, np.uint8), 0.5) is None
    assert blurred(np.full((64, 64, 3), 200, np.uint8), 0.5)
    beyond_all_detail = ndimage.gaussian_filter(cells(256, 2), (40, 40, 0))
    assert blurred(beyond_all_detail, 0.5)
