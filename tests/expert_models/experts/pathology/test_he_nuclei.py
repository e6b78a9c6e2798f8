"""Nuclei drawn with known densities of the two stains, and a few real pictures."""

import numpy as np
import pytest

from expert_models.experts.base import Refusal, Scan
from expert_models.experts.pathology.he_nuclei import HeNuclei, stain_threshold
from expert_models.experts.pathology.stain import EOSIN, HEMATOXYLIN, hematoxylin_density
from schemas.vocabulary import findings

SHAPE = (90, 140)
PLACES = [(20, 30, 10, 0.9), (20, 48, 9, 0.9), (60, 110, 12, 0.6), (75, 14, 8, 1.2)]  # two touch


def stained(hematoxylin: np.ndarray, eosin: np.ndarray) -> np.ndarray:
    """[H, W] densities to [H, W, 3] uint8: light is taken away by each stain in turn."""
    vectors = [np.array(v) / np.linalg.norm(v) for v in (HEMATOXYLIN, EOSIN)]
    density = hematoxylin[..., None] * vectors[0] + eosin[..., None] * vectors[1]
    return np.rint(255 * 10**-density).clip(0, 255).astype(np.uint8)


@pytest.fixture
def picture(draw_disc):
    """Four nuclei in pink tissue, and a patch of strong eosin that is none."""
    noise = np.random.default_rng(1).normal(0, 0.02, (2, *SHAPE))
    hematoxylin = 0.1 + noise[0]
    for row, column, radius, density in PLACES:
        hematoxylin = np.where(draw_disc(SHAPE, row, column, radius), density, hematoxylin)
    eosin = 0.2 + noise[1]
    eosin[40:60, 20:50] = 1.0
    return stained(hematoxylin, eosin)


def look(*displays, modality="GM-BF", anatomy=None):
    scans = [Scan(str(n), d, modality, anatomy) for n, d in enumerate(displays)]
    return HeNuclei().predict(scans)


def test_density_is_of_hematoxylin_alone() -> None:
    wanted = np.array([[0.0, 0.3, 0.7]])
    got = hematoxylin_density(stained(wanted, np.array([[0.8, 0.2, 0.0]])))
    assert got == pytest.approx(wanted, abs=0.02)


def test_every_nucleus_is_one_finding_and_eosin_is_none(picture, draw_disc, iou) -> None:
    (found,) = look(picture, anatomy="tissue section")
    assert len(found) == len(PLACES)
    for row, column, radius, _ in PLACES:
        truth = draw_disc(SHAPE, row, column, radius)
        best = max(found, key=lambda f: iou(f.mask, truth))
        assert iou(best.mask, truth) > 0.8
        edges = (column - radius, row - radius, column + radius + 1, row + radius + 1)
        assert best.box == pytest.approx(edges, abs=2)


def test_eosin_beside_much_glass_is_none(draw_disc) -> None:
    """The three grounds are glass, pink and purple: what parts glass from tissue would call all tissue nuclei."""
    noise = np.random.default_rng(4).normal(0, 0.01, (2, 120, 160))
    hematoxylin, eosin = np.zeros((120, 160)), np.zeros((120, 160))
    hematoxylin[:, 110:], eosin[:, 110:] = 0.3, 0.6  # scanners' eosin is no pure one
    places = [(20, 125), (50, 140), (80, 122), (105, 145)]
    for row, column in places:
        hematoxylin[draw_disc((120, 160), row, column, 7)] = 0.9
    (found,) = look(stained(hematoxylin + noise[0], eosin + noise[1]))
    assert len(found) == len(places)
    assert all(one.mask.sum() < 250 for one in found)


def test_bare_nuclei_on_glass_stay_whole(draw_disc) -> None:
    """Their tissue is of one kind: texture does not part it."""
    rng = np.random.default_rng(6)
    hematoxylin = rng.normal(0.02, 0.01, SHAPE)
    for row, column, radius, _ in PLACES[1:]:
        disc = draw_disc(SHAPE, row, column, radius)
        hematoxylin[disc] = rng.normal(0.8, 0.1, int(disc.sum()))
    (found,) = look(stained(hematoxylin, np.zeros(SHAPE)))
    truth = [np.pi * radius**2 for _, _, radius, _ in PLACES[1:]]
    assert sorted(one.mask.sum() for one in found) == pytest.approx(sorted(truth), rel=0.25)


def test_a_haze_just_above_the_threshold_is_none(draw_disc) -> None:
    hematoxylin = np.full(SHAPE, 0.1)
    for row, column, radius, _ in PLACES:
        hematoxylin[draw_disc(SHAPE, row, column, radius)] = 0.9
    places = hematoxylin > 0.5
    smooth = np.where(places, 0.9, 0.1)
    threshold = stain_threshold(smooth, np.ones(SHAPE, bool))
    assert threshold is not None
    haze = draw_disc(SHAPE, 25, 100, 9)
    hematoxylin[haze] = threshold * 1.04
    (found,) = look(stained(hematoxylin, np.full(SHAPE, 0.2)))
    assert len(found) == len(PLACES)
    assert not any((one.mask & haze).any() for one in found)


def test_what_is_larger_than_any_nucleus_is_none(picture) -> None:
    """The radii are 8 to 12 px: at 2 µm per pixel even the smallest would be 32 µm across."""
    counts = []
    for spacing in (None, (0.0005, 0.0005), (0.0015, 0.0015), (0.002, 0.002)):
        scan = Scan("a", picture, "SM", "tissue section", spacing_mm=spacing)
        counts.append(len(HeNuclei().predict([scan])[0]))
    assert counts[:2] == [4, 4]
    assert 0 < counts[2] < 4
    assert counts[3] == 0


def test_labels_are_of_the_vocabulary() -> None:
    assert all(findings().get(label) for label in HeNuclei.card.labels)


def test_even_tissue_holds_nothing() -> None:
    pink = stained(np.full(SHAPE, 0.1), np.full(SHAPE, 0.4))
    noise = np.random.default_rng(3).normal(0, 0.02, (2, *SHAPE))
    rough = stained(0.1 + noise[0], 0.4 + noise[1])
    assert look(pink, rough) == [[], []]


def test_refusals(picture) -> None:
    said = [
        *look(picture, modality="GM-FL"),
        *look(picture, anatomy="blood"),
        *look(picture[..., 0]),
        *look(np.repeat(picture[..., :1], 3, axis=2)),
        *look(picture[:, :9]),
    ]
    assert all(isinstance(one, Refusal) for one in said)
    assert [one.reason for one in said] == ["expert_unsuitable"] * 2 + ["expert_input_missing"] * 3


def test_a_batch_says_what_single_scans_say(picture) -> None:
    many = [picture, picture[..., 0], picture[::-1].copy()]
    together = look(*many)
    assert isinstance(together[1], Refusal)
    for one, display in ((together[0], many[0]), (together[2], many[2])):
        (alone,) = look(display)
        assert [(f.box, f.score, f.quality) for f in one] == [
            (f.box, f.score, f.quality) for f in alone
        ]
        assert all(np.array_equal(a.mask, b.mask) for a, b in zip(one, alone, strict=True))


@pytest.mark.samples
def test_real_nuclei(report_half, iou) -> None:
    pictures = report_half("dsb2018", "GM-BF", 3)
    hits = truths = said = 0
    for picture, found in zip(pictures, look(*(p.display for p in pictures)), strict=True):
        masks = [f.mask for f in found]
        hits += sum(any(iou(a.mask, m) > 0.5 for m in masks) for a in picture.annotations)
        truths += len(picture.annotations)
        said += len(masks)
    assert 2 * hits / (truths + said) > 0.55
