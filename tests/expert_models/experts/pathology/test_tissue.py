"""Pieces of tissue drawn on glass, with holes of known size."""

import numpy as np
import pytest

from expert_models.experts.base import Refusal, Scan
from expert_models.experts.pathology.tissue import SlideTissue
from schemas.vocabulary import findings

SHAPE = (200, 320)
PINK, GLASS = (214, 150, 190), (240, 241, 240)


def slide(tissue: np.ndarray) -> np.ndarray:
    picture = np.where(tissue[..., None], np.array(PINK), np.array(GLASS))
    noise = np.random.default_rng(1).normal(0, 1, picture.shape)
    return (picture + noise).clip(0, 255).astype(np.uint8)


@pytest.fixture
def truth() -> np.ndarray:
    """[H, W] bool: two pieces; the large one with a lumen that stays open."""
    mask = np.zeros(SHAPE, bool)
    mask[30:150, 20:150] = True
    mask[60:100, 40:80] = False  # 1600 px, 2.5 % of the picture
    mask[20:60, 220:300] = True
    return mask


def look(*displays, modality="SM", anatomy=None):
    return SlideTissue().predict(
        [Scan(str(n), d, modality, anatomy) for n, d in enumerate(displays)]
    )


def test_tissue_is_one_class_mask(truth, iou) -> None:
    specks = truth.copy()
    specks[120:128, 100:108] = False  # a small hole is filled
    specks[180:184, 300:304] = True  # a speck of dust goes
    ((found,),) = look(slide(specks))
    assert iou(found.mask, truth) > 0.95
    assert not found.mask[80, 60]
    assert found.mask[124, 104]
    assert not found.mask[182, 302]
    assert found.box == pytest.approx((20, 20, 300, 150), abs=4)
    assert not found.instance
    assert 0.8 < found.quality <= 1


def test_glass_between_pieces_at_the_border_is_no_hole() -> None:
    mask = np.ones(SHAPE, bool)
    mask[:20, 100:118] = False  # 360 px: small, but open to the border
    ((found,),) = look(slide(mask))
    assert not found.mask[5, 109]


def test_bare_glass_holds_nothing() -> None:
    assert look(slide(np.zeros(SHAPE, bool)), np.full((*SHAPE, 3), 255, np.uint8)) == [[], []]


def test_a_picture_full_of_tissue_is_not_cut_in_two() -> None:
    dark = slide(np.ones(SHAPE, bool))
    dark[:, :100] = (150, 60, 140)
    ((found,),) = look(dark)
    assert found.mask.all()


def test_the_label_is_of_the_vocabulary() -> None:
    assert findings().get("slide tissue").kind == "tissue"


def test_refusals(truth) -> None:
    said = [
        *look(slide(truth), modality="CT"),
        *look(slide(truth), anatomy="blood"),
        *look(slide(truth)[..., 0]),
        *look(slide(truth)[:9]),
        *look(np.repeat(slide(truth)[..., 1:2], 3, axis=2)),
    ]
    assert all(isinstance(one, Refusal) for one in said)
    assert [one.reason for one in said] == ["expert_unsuitable"] * 2 + ["expert_input_missing"] * 3


def test_a_batch_says_what_single_scans_say(truth) -> None:
    many = [slide(truth), slide(~truth), slide(truth[::-1])]
    for one, display in zip(look(*many), many, strict=True):
        (alone,) = look(display)
        assert [f.box for f in one] == [f.box for f in alone]
        assert all(np.array_equal(a.mask, b.mask) for a, b in zip(one, alone, strict=True))
