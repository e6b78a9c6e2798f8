import numpy as np
import pytest

from transforms.regions.geometry import axes_of
from transforms.regions.outline import outline_of, shape_of
from transforms.regions.patch import patch_of


def drawn(ripple: float, waves: int, *, radius: float = 60, stretch: float = 1.0) -> np.ndarray:
    """A disc whose radius ripples `waves` times round it by a share `ripple`; x stretched."""
    y, x = np.mgrid[:400, :600]
    dx, dy = (x - 300) / stretch, y - 200
    edge = radius * (1 + ripple * np.cos(waves * np.arctan2(dy, dx)))
    return np.hypot(dx, dy) <= edge


def words(mask: np.ndarray, spacing: tuple | None = None) -> tuple[str | None, str | None]:
    patch = patch_of(mask)
    assert patch is not None
    axes = axes_of(patch, spacing)
    return outline_of(patch, axes, spacing), shape_of(patch, axes, spacing)


@pytest.mark.parametrize(
    ("mask", "outline"),
    [
        (drawn(0.0, 0), "smooth"),
        (drawn(0.0, 0, stretch=2), "smooth"),
        (drawn(0.15, 3), "smooth"),  # three gentle swellings without a dent
        (drawn(0.25, 7), "irregular"),
        (drawn(0.25, 7, stretch=1.6), "irregular"),
        (drawn(0.16, 5), None),  # gentle lobulations
        (drawn(0.25, 7, radius=14), None),  # too small to tell from the pixel grid
    ],
)
def test_outline(mask: np.ndarray, outline: str | None) -> None:
    assert words(mask)[0] == outline


@pytest.mark.parametrize("stretch", [0.4, 1.0, 2.0])
@pytest.mark.parametrize(("ripple", "waves"), [(0.0, 0), (0.16, 5), (0.2, 4), (0.25, 7)])
def test_outline_is_that_of_the_thing_not_of_the_pixels(
    ripple: float, waves: int, stretch: float
) -> None:
    """The same thing with every other row left out, its rows twice as far apart."""
    mask = drawn(ripple, waves, radius=90, stretch=stretch)
    assert words(mask[::2], (2.0, 1.0))[0] == words(mask)[0]


def test_one_deep_dent_is_not_irregular() -> None:
    moon = drawn(0, 0) & ~np.roll(drawn(0, 0, radius=45), 40, axis=1)
    assert words(moon)[0] is None


def test_coarse_steps_are_not_irregular() -> None:
    """A mask drawn at a quarter of the resolution has stairs, not spicules."""
    coarse = drawn(0, 0)[::4, ::4].repeat(4, 0).repeat(4, 1)
    assert words(coarse)[0] != "irregular"


@pytest.mark.parametrize(
    ("stretch", "shape"),
    [(1.0, "round"), (1.22, None), (1.6, "oval"), (2.2, None), (3.2, "elongated")],
)
def test_shape_by_ratio(stretch: float, shape: str | None) -> None:
    assert words(drawn(0, 0, stretch=stretch))[1] == shape


def test_shape_is_that_of_the_thing_not_of_the_pixels() -> None:
    assert words(drawn(0, 0, stretch=2), (1.0, 0.5))[1] == "round"
    assert words(drawn(0, 0), (1.0, 0.3))[1] == "elongated"


def test_a_square_is_not_round() -> None:
    mask = np.zeros((90, 90), bool)
    mask[20:70, 20:70] = True
    assert words(mask)[1] is None


def test_a_few_pixels_have_no_shape() -> None:
    mask = np.zeros((20, 20), bool)
    mask[8:12, 8:12] = True
    assert words(mask) == (None, None)
