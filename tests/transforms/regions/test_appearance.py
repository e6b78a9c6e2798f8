import numpy as np
import pytest
from scipy import ndimage
from scipy.stats import mannwhitneyu

from transforms.picture import Picture
from transforms.regions.appearance import (
    Sample,
    attenuation_of,
    brightness_of,
    cliffs_delta,
    homogeneity_of,
    sample_of,
)
from transforms.regions.luminance import padding_of
from transforms.regions.patch import Patch, patch_of
from transforms.regions.scene import Scene, scene_of

ROWS, COLUMNS = np.mgrid[:80, :100]
DISC = (ROWS - 40) ** 2 + (COLUMNS - 60) ** 2 <= 15**2


def patch(mask: np.ndarray) -> Patch:
    found = patch_of(mask)
    assert found is not None
    return found


def speckled(inside: float, outside: float, noise: float, mask: np.ndarray = DISC) -> np.ndarray:
    """A gray picture of two tones with Gaussian noise."""
    drawn = np.where(mask, inside, outside) + np.random.default_rng(7).normal(0, noise, mask.shape)
    return np.clip(np.round(drawn), 0, 255).astype(np.uint8)


def look(display: np.ndarray, mask: np.ndarray = DISC) -> tuple[Sample, Scene]:
    scene = scene_of(Picture("", display))
    return sample_of(patch(mask), scene, kind="lesion"), scene


@pytest.mark.parametrize(
    ("inside", "outside", "noise", "word"),
    [
        (120, 60, 5, "brighter"),
        (60, 120, 5, "darker"),
        (60, 120, 25, "darker"),  # speckle
        (100, 100, 10, "similar"),
        (105, 100, 2, None),  # beyond doubt, yet nobody sees it
        (112, 100, 25, None),  # between negligible and large
        (0, 0, 0, None),  # both clipped: the window hides what difference there is
    ],
)
def test_brightness(inside: float, outside: float, noise: float, word: str | None) -> None:
    told = brightness_of(*look(speckled(inside, outside, noise)))
    assert (told[0] if told else None) == word


def test_ring_is_around_and_apart() -> None:
    sample, _ = look(speckled(100, 100, 1))
    window = np.zeros(DISC.shape, bool)
    window[sample.rows, sample.columns] = sample.ring
    away = ndimage.distance_transform_edt(~DISC)
    width = 0.1 * sample.thickness
    assert sample.thickness == pytest.approx(2 * 15.5, rel=0.1)
    sure = np.abs(away - 1.5 - width) > 0.1
    assert np.array_equal(window & sure, (away > 1.5) & (away <= 1.5 + width) & sure)
    window[sample.rows, sample.columns] = sample.core
    assert np.array_equal(window, ndimage.distance_transform_edt(DISC) > 1)


def test_another_lesion_is_no_surround() -> None:
    """A dark lesion beside it would make this one look brighter."""
    neighbour = (ROWS - 40) ** 2 + (COLUMNS - 60) ** 2 <= 40**2
    neighbour &= ~DISC & (COLUMNS < 59)
    display = np.where(DISC, 100, np.where(neighbour, 30, 80)).astype(np.uint8)
    display[:, 66:] = 100
    scene = scene_of(Picture("", display))
    told = brightness_of(sample_of(patch(DISC), scene, kind="lesion"), scene)
    assert told is not None
    assert told[0] == "brighter"
    scene.add(patch(neighbour), "lesion")
    sample = sample_of(patch(DISC), scene, kind="lesion")
    assert not (sample.ring & neighbour[sample.rows, sample.columns]).any()
    assert brightness_of(sample, scene) is None


def test_a_lesion_in_an_organ_is_compared_with_that_organ() -> None:
    """A nodule at the edge of a lung is brighter than lung, whatever the chest wall is."""
    wall = COLUMNS > 67
    lung = (ROWS - 40) ** 2 + (COLUMNS - 60) ** 2 <= 35**2
    lung &= ~wall
    nodule = DISC & lung
    display = np.where(nodule, 100, np.where(wall, 200, 40)).astype(np.uint8)
    scene = scene_of(Picture("", display))
    assert brightness_of(sample_of(patch(nodule), scene, kind="lesion"), scene) is None
    scene.add(patch(lung), "organ")
    scene.add(patch(nodule), "lesion")
    told = brightness_of(sample_of(patch(nodule), scene, kind="lesion"), scene)
    assert told is not None
    assert told[0] == "brighter"


def test_a_sliver_of_an_organ_is_no_surround() -> None:
    """An opacity that fills a lung but for a sliver is compared with nothing."""
    lung = (ROWS - 40) ** 2 + (COLUMNS - 60) ** 2 <= 17**2
    display = np.where(DISC, 100, np.where(lung, 40, 200)).astype(np.uint8)
    scene = scene_of(Picture("", display))
    scene.add(patch(lung), "organ")
    assert brightness_of(sample_of(patch(DISC), scene, kind="lesion"), scene) is None


def test_letter_box_is_no_surround() -> None:
    """Tissue of one tone at the edge of a black margin is not brighter than its surround."""
    display = speckled(100, 100, 6)
    display[:, 62:] = 0
    mask = DISC & (COLUMNS < 62)
    told = brightness_of(*look(display, mask))
    assert told is not None
    assert told[0] == "similar"
    assert padding_of(display)[:, 62:].all()


def test_dark_background_of_most_of_the_picture_is_a_surround() -> None:
    told = brightness_of(*look(speckled(80, 3, 1)))
    assert told is not None
    assert told[0] == "brighter"


def test_cliffs_delta_is_that_of_mann_whitney() -> None:
    rng = np.random.default_rng(3)
    inside, ring = rng.integers(90, 140, 200), rng.integers(100, 160, 333)
    u = mannwhitneyu(inside, ring).statistic
    counts = [np.bincount(v, minlength=256) for v in (inside, ring)]
    assert cliffs_delta(*counts) == pytest.approx(2 * u / (200 * 333) - 1)


def test_attenuation_is_the_mean_of_the_mask() -> None:
    hu = np.full((80, 100), 900.0)
    hu[DISC] = np.linspace(-37.5, 60.25, int(DISC.sum()))
    scene = scene_of(Picture("", speckled(9, 9, 1), native=hu, unit="HU"))
    assert attenuation_of(patch(DISC), scene) == pytest.approx((60.25 - 37.5) / 2)
    unknown = scene_of(Picture("", speckled(9, 9, 1), native=hu, unit=None))
    assert attenuation_of(patch(DISC), unknown) is None


@pytest.mark.parametrize(("noise", "word"), [(4, "homogeneous"), (15, None), (45, "heterogeneous")])
def test_homogeneity_as_shown(noise: float, word: str | None) -> None:
    told = homogeneity_of(*look(speckled(120, 60, noise)))
    assert (told[0] if told else None) == word
    assert told is None or told[2] == "1"


@pytest.mark.parametrize(
    ("noise", "word"), [(10, "homogeneous"), (25, None), (60, "heterogeneous")]
)
def test_homogeneity_in_hu_not_as_shown(noise: float, word: str | None) -> None:
    hu = 40 + np.random.default_rng(1).normal(0, noise, DISC.shape)
    scene = scene_of(Picture("", speckled(128, 128, 0), native=hu, unit="HU"))
    told = homogeneity_of(sample_of(patch(DISC), scene, kind="lesion"), scene)
    assert (told[0] if told else None) == word
    if told:
        assert told[1] == pytest.approx(2 * 1.2816 * noise, rel=0.15)
        assert told[2] == "HU"


def test_light_on_a_colour_picture_is_not_texture() -> None:
    display = np.dstack([speckled(180, 60, 45), speckled(90, 60, 45), speckled(60, 60, 5)])
    assert scene_of(Picture("", display)).unsaid("lesion") == {"homogeneity"}


@pytest.mark.parametrize(
    ("modality", "kind", "unsaid"),
    [
        ("US", "lesion", set()),
        ("PT", "lesion", {"homogeneity"}),  # blur
        ("MG", "lesion", {"homogeneity", "outline", "shape"}),  # glandular tissue over it
        (
            "CR",
            "lesion",
            {"homogeneity", "brightness", "outline", "shape"},
        ),  # ribs and heart over it
        ("CR", "organ", set()),
    ],
)
def test_what_a_modality_cannot_bear_out(modality: str, kind: str, unsaid: set[str]) -> None:
    display = speckled(120, 60, 4)
    assert scene_of(Picture("", display), modality).unsaid(kind) == unsaid
    assert scene_of(Picture("", display, modality=modality)).unsaid(kind) == unsaid


def test_vessels_under_uneven_light_are_compared_where_they_lie() -> None:
    """Across the picture the light varies more than vessel and surround do."""
    rows, columns = np.mgrid[:400, :400]
    light = 60 + 120 * columns / 400
    vessels = (rows % 80 > 72) | (columns % 133 > 125)
    noise = np.random.default_rng(2).normal(0, 4, light.shape)
    display = np.clip(light - 14 * vessels + noise, 0, 255).astype(np.uint8)
    told = brightness_of(*look(display, vessels))
    assert told is not None
    assert told[0] == "darker"


def test_a_coloured_mark_leaves_a_picture_gray() -> None:
    display = np.repeat(speckled(120, 60, 4)[..., None], 3, axis=2)
    display[2:6, 2:12] = (255, 255, 0)
    assert not scene_of(Picture("", display)).coloured


def test_the_whole_image_has_no_surround() -> None:
    mask = np.ones(DISC.shape, bool)
    assert brightness_of(*look(speckled(120, 60, 4), mask)) is None
