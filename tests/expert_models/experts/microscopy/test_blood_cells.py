"""A drawn smear with cells of all three kinds, and a few real pictures."""

import numpy as np
import pytest

from expert_models.experts.base import Refusal, Scan
from expert_models.experts.microscopy.blood_cells import BloodCells, blood_density
from schemas.vocabulary import findings

SHAPE = (300, 460)
GLASS, PINK, PALE, PURPLE = (215, 215, 210), (190, 150, 150), (212, 205, 200), (110, 80, 160)
RED = [(70, 90, 50), (80, 188, 52), (230, 380, 46)]  # row, column, radius; the first two touch
LOBES = [(215, 120, 34), (215, 190, 34)]  # of one white cell, 2 px apart
PLATELET = (40, 320, 16)


@pytest.fixture
def smear(draw_disc) -> np.ndarray:
    """[H, W, 3] uint8; each red cell has a pale centre."""
    picture = np.full((*SHAPE, 3), GLASS, float)
    for row, column, radius in RED:
        picture[draw_disc(SHAPE, row, column, radius)] = PINK
        picture[draw_disc(SHAPE, row, column, radius / 3)] = PALE
    for place in [*LOBES, PLATELET]:
        picture[draw_disc(SHAPE, *place)] = PURPLE
    noise = np.random.default_rng(1).normal(0, 2, picture.shape)
    return (picture + noise).clip(0, 255).astype(np.uint8)


def look(*displays, modality="GM-BF", anatomy="blood"):
    return BloodCells().predict(
        [Scan(str(n), d, modality, anatomy) for n, d in enumerate(displays)]
    )


def of(found, label):
    return [f for f in found if f.label == label]


def test_purple_and_pink_are_told_apart() -> None:
    picture = np.full((40, 60, 3), GLASS, np.uint8)
    picture[:, :20] = PINK
    picture[:, 20:25] = PURPLE
    purple, pink = blood_density(picture)
    assert purple[20, 5] < 0 < 0.1 < purple[20, 22]
    assert min(pink[20, 5], pink[20, 22]) > 0.1
    assert abs(pink[20, 50]) < 0.01


def test_each_kind_at_its_place(smear, draw_disc, iou) -> None:
    (found,) = look(smear)
    assert [len(of(found, label)) for label in BloodCells.card.labels] == [3, 1, 1]
    for row, column, radius in RED:
        truth = draw_disc(SHAPE, row, column, radius)
        best = max(of(found, "red blood cell"), key=lambda f: iou(f.mask, truth))
        assert iou(best.mask, truth) > 0.85
        assert best.mask[row, column]  # the pale centre belongs to the cell
    (white,) = of(found, "white blood cell")
    assert white.box == pytest.approx((86 - 6, 181 - 6, 225 + 6, 250 + 6), abs=5)
    (platelet,) = of(found, "platelet")
    assert iou(platelet.mask, draw_disc(SHAPE, 40, 320, 20)) > 0.75


def test_labels_are_of_the_vocabulary() -> None:
    assert all(findings().get(label) for label in BloodCells.card.labels)


def test_an_empty_smear_holds_nothing() -> None:
    glass = np.full((*SHAPE, 3), GLASS, float)
    noise = np.random.default_rng(2).normal(0, 3, glass.shape)
    assert look((glass + noise).clip(0, 255).astype(np.uint8), glass.astype(np.uint8)) == [[], []]


def test_refusals(smear) -> None:
    said = [
        *look(smear, modality="GM-FL"),
        *look(smear, anatomy="tissue section"),
        *look(smear, anatomy=None),
        *look(smear[..., 0]),
        *look(np.repeat(smear[..., :1], 3, axis=2)),
        *look(smear[:100]),
    ]
    assert all(isinstance(one, Refusal) for one in said)
    assert [one.reason for one in said] == ["expert_unsuitable"] * 2 + ["expert_input_missing"] * 4


def test_a_batch_says_what_single_scans_say(smear) -> None:
    many = [smear, smear[::-1].copy(), smear[:, ::-1].copy()]
    for one, display in zip(look(*many), many, strict=True):
        (alone,) = look(display)
        assert [(f.label, f.box, f.score, f.quality) for f in one] == [
            (f.label, f.box, f.score, f.quality) for f in alone
        ]


@pytest.mark.samples
def test_real_smears(report_half) -> None:
    pictures = report_half("bccd", "GM-BF", 4)
    predictions = look(*(p.display for p in pictures))
    f1 = {}
    for label, source in (("white blood cell", "WBC"), ("red blood cell", "RBC")):
        hits = total = 0
        for picture, found in zip(pictures, predictions, strict=True):
            truth = [a.box for a in picture.annotations if a.label == source]
            said = [f.box for f in of(found, label)]
            hits += sum(any(box_iou(t, s) >= 0.5 for s in said) for t in truth)
            total += len(truth) + len(said)
        f1[label] = 2 * hits / total
    assert f1["white blood cell"] > 0.8
    assert f1["red blood cell"] > 0.45


def box_iou(a, b) -> float:
    wide = min(a[2], b[2]) - max(a[0], b[0])
    high = min(a[3], b[3]) - max(a[1], b[1])
    both = max(wide, 0) * max(high, 0)
    areas = [(c[2] - c[0]) * (c[3] - c[1]) for c in (a, b)]
    return both / (sum(areas) - both)
