"""Nuclei drawn at known places, and a few real pictures."""

import numpy as np
import pytest

from expert_models.experts.base import Refusal, Scan
from expert_models.experts.microscopy.fluorescence_nuclei import FluorescenceNuclei
from schemas.vocabulary import findings

SHAPE = (90, 140)
PLACES = [
    (20, 30, 10, 60),
    (20, 48, 9, 60),
    (60, 110, 12, 180),
    (75, 12, 8, 35),
]  # the first two touch


@pytest.fixture
def picture(draw_disc):
    """A dark noisy ground with four nuclei of unequal brightness, and one hot pixel."""
    image = np.random.default_rng(1).normal(6, 1.5, SHAPE)
    for row, column, radius, level in PLACES:
        image = np.where(draw_disc(SHAPE, row, column, radius), level, image)
    image[50, 60] = 250
    return image.clip(0, 255).astype(np.uint8)


def look(*displays, modality="GM-FL"):
    scans = [Scan(str(n), display, modality) for n, display in enumerate(displays)]
    return FluorescenceNuclei().predict(scans)


def test_every_nucleus_is_one_finding_at_its_place(picture, draw_disc, iou) -> None:
    (found,) = look(picture)
    assert len(found) == len(PLACES)
    for row, column, radius, _ in PLACES:
        truth = draw_disc(SHAPE, row, column, radius)
        best = max(found, key=lambda f: iou(f.mask, truth))
        assert iou(best.mask, truth) > 0.8
        assert best.box == pytest.approx(
            (column - radius, row - radius, column + radius + 1, row + radius + 1), abs=2
        )
        assert best.instance
        assert 0.9 < best.score <= 1
        assert 0 < best.quality <= 1
    assert not np.any(np.sum([f.mask for f in found], axis=0) > 1)


def test_labels_are_of_the_vocabulary() -> None:
    assert all(findings().get(label) for label in FluorescenceNuclei.card.labels)


def test_colour_is_read_by_its_brightest_channel(picture) -> None:
    blue = np.zeros((*SHAPE, 3), np.uint8)
    blue[..., 2] = picture
    grey, coloured = look(picture, blue)
    assert [f.box for f in grey] == [f.box for f in coloured]


@pytest.mark.parametrize("level", [0, 7, 255])
def test_an_even_picture_holds_nothing(level) -> None:
    assert look(np.full(SHAPE, level, np.uint8)) == [[]]


def test_noise_holds_nothing() -> None:
    noise = np.random.default_rng(2).normal(40, 9, SHAPE).clip(0, 255).astype(np.uint8)
    assert look(noise) == [[]]


def test_refusals(picture) -> None:
    (other,) = look(picture, modality="GM-BF")
    (sliver,) = look(picture[:, :9])
    assert isinstance(other, Refusal)
    assert isinstance(sliver, Refusal)
    assert (other.reason, sliver.reason) == ("expert_unsuitable", "expert_input_missing")


def test_a_batch_says_what_single_scans_say(picture) -> None:
    many = [picture, np.zeros(SHAPE, np.uint8), picture[::-1].copy()]
    together = look(*many)
    for one, display in zip(together, many, strict=True):
        (alone,) = look(display)
        assert [(f.box, f.score, f.quality) for f in one] == [
            (f.box, f.score, f.quality) for f in alone
        ]
        assert all(np.array_equal(a.mask, b.mask) for a, b in zip(one, alone, strict=True))


@pytest.mark.samples
def test_real_nuclei(report_half, iou) -> None:
    pictures = report_half("dsb2018", "GM-FL", 4)
    hits = truths = said = 0
    for picture, found in zip(pictures, look(*(p.display for p in pictures)), strict=True):
        masks = [f.mask for f in found]
        hits += sum(any(iou(a.mask, m) > 0.5 for m in masks) for a in picture.annotations)
        truths += len(picture.annotations)
        said += len(masks)
    assert 2 * hits / (truths + said) > 0.75
