import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.spatial.distance import pdist
from skimage.measure import find_contours, regionprops

from schemas.region import POSITIONS
from transforms.regions.geometry import axes_of, fills_image, has_length, position_of
from transforms.regions.patch import Patch, patch_of


def patch(mask: np.ndarray) -> Patch:
    found = patch_of(mask)
    assert found is not None
    return found


def ellipse(
    shape: tuple[int, int], centre: tuple[float, float], radii: tuple[float, float], turn: float = 0
) -> np.ndarray:
    """A filled ellipse; centre and radii (x, y) in pixels, turned by `turn` radians."""
    y, x = np.mgrid[: shape[0], : shape[1]] + 0.5
    dx, dy = x - centre[0], y - centre[1]
    u, v = dx * np.cos(turn) + dy * np.sin(turn), dy * np.cos(turn) - dx * np.sin(turn)
    return (u / radii[0]) ** 2 + (v / radii[1]) ** 2 <= 1


@pytest.mark.parametrize(
    ("spacing", "expected"),
    [
        ((0.5, 0.25), (15.0, 10.0, "mm")),  # 60 columns x 0.25, 20 rows x 0.5
        ((0.25, 0.5), (30.0, 5.0, "mm")),  # swapped axes would give these
        (None, (60.0, 20.0, "px")),
    ],
)
def test_axes_in_mm(spacing: tuple | None, expected: tuple) -> None:
    axes = axes_of(patch(ellipse((80, 120), (60, 40), (30, 10))), spacing)
    assert axes.unit == expected[2]
    assert (axes.major, axes.minor) == pytest.approx(expected[:2], rel=0.02)


def test_the_longer_axis_in_mm_may_be_the_shorter_in_pixels() -> None:
    axes = axes_of(patch(ellipse((80, 120), (60, 40), (30, 20))), (1.0, 0.25))
    assert (axes.major, axes.minor) == pytest.approx((40.0, 15.0), rel=0.02)


@pytest.mark.parametrize("turn", [0.0, 0.3, 1.0, 2.5])
def test_major_axis_is_skimages_feret_diameter(turn: float) -> None:
    mask = ellipse((200, 160), (80, 100), (60, 25), turn)
    mask[95:140, 80:90] = True  # not an ellipse any more
    axes = axes_of(patch(mask), None)
    contour = find_contours(np.pad(mask, 1).astype(float), 0.5)[0]
    assert axes.major == pytest.approx(pdist(contour).max())
    properties = regionprops(mask.astype(int))[0]  # it fills the hull with whole pixels first
    assert axes.major == pytest.approx(properties.feret_diameter_max, abs=1.0)
    assert axes.solidity == pytest.approx(properties.solidity, abs=0.02)


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 2**32 - 1))
def test_axes_against_brute_force(seed: int) -> None:
    mask = np.random.default_rng(seed).random((9, 12)) > 0.6
    mask[4, 5] = True
    spacing = (0.7, 1.9)
    axes = axes_of(patch(mask), spacing)
    rows, columns = np.nonzero(mask)
    steps = ((0.5, 0), (-0.5, 0), (0, 0.5), (0, -0.5))
    points = np.concatenate([np.column_stack([columns + a, rows + b]) for a, b in steps])
    assert axes.major == pytest.approx(pdist(points * (spacing[1], spacing[0])).max())
    assert 0 < axes.minor <= axes.major + 1e-9


def test_minor_axis_is_the_chord_not_the_projection() -> None:
    mask = np.zeros((60, 130), bool)
    mask[10:40, 10:110] = True  # 30 x 100: its corners lie 57 px apart across the diagonal
    axes = axes_of(patch(mask), None)
    diagonal = np.hypot(30, 100)
    height = 30 * 100 / diagonal
    foot = 30**2 / diagonal
    assert axes.major == pytest.approx(diagonal, rel=0.01)
    assert axes.minor == pytest.approx(height * (1 + foot / (diagonal - foot)), rel=0.03)


def test_single_pixel_and_line() -> None:
    mask = np.zeros((12, 12), bool)
    mask[5, 7] = True
    axes = axes_of(patch(mask), (0.5, 0.25))
    assert (axes.major, axes.minor) == (0.5, 0.25)
    mask[5, 1:11] = True
    axes = axes_of(patch(mask), None)
    assert (axes.major, axes.minor) == (10.0, 1.0)


@pytest.mark.parametrize("turns", [1, 2, 3])
def test_axes_turn_with_the_image(turns: int) -> None:
    mask = ellipse((90, 70), (30, 40), (25, 9), 0.4)
    straight = axes_of(patch(mask), (0.8, 0.3))
    spacing = (0.8, 0.3) if turns == 2 else (0.3, 0.8)
    turned = axes_of(patch(np.rot90(mask, turns)), spacing)
    assert (turned.major, turned.minor) == pytest.approx((straight.major, straight.minor))


@pytest.mark.parametrize("word", POSITIONS)
def test_position_of_each_ninth(word: str) -> None:
    row, column = divmod(POSITIONS.index(word), 3)
    assert position_of((column * 100 + 50, row * 30 + 15), (90, 300)) == word


def test_a_point_on_an_edge_lies_in_the_middle_third() -> None:
    assert position_of((100, 30), (90, 300)) == "center"
    assert position_of((200, 60), (90, 300)) == "center"
    assert position_of((99.9, 60.1), (90, 300)) == "lower left"


def test_a_quarter_turn_turns_the_words() -> None:
    grid = np.array(POSITIONS).reshape(3, 3)
    mask = np.zeros((60, 90), bool)
    mask[3:9, 70:85] = True  # upper right; a quarter turn to the left makes it upper left
    turned = [np.rot90(mask, k) for k in range(4)]
    words = [position_of(patch(m).centroid, m.shape) for m in turned]
    corners = [grid[0, 2], grid[0, 0], grid[2, 0], grid[2, 2]]
    assert words == corners


def test_a_region_that_fills_the_image_lies_nowhere() -> None:
    assert fills_image([0, 0, 61, 61], (100, 100))
    assert not fills_image([0, 0, 100, 60], (100, 100))  # a band has a height to tell
    assert not fills_image([0, 0, 60, 100], (100, 100))


def test_what_has_no_length() -> None:
    disc = patch(ellipse((60, 60), (30, 30), (12, 12)))
    axes = axes_of(disc, None)
    assert has_length(disc, axes, disc.count)
    assert not has_length(disc, axes, int(0.8 * disc.count))  # two parts
    cut = patch(ellipse((60, 60), (5, 30), (12, 12)))
    assert not has_length(cut, axes_of(cut, None), cut.count)  # cut by the image border
    tree = np.zeros((100, 100), bool)
    tree[50, 5:95] = tree[5:95, 50] = True
    cross = patch(tree)
    assert not has_length(cross, axes_of(cross, None), cross.count)
