import numpy as np
import pytest

from expert_models.experts.base import Found
from expert_models.experts.policy import (
    Policy,
    apply,
    area_px,
    closed,
    largest,
    largest_parts,
    opened,
    within,
)

SHAPE = (30, 50)


def mask(*boxes: tuple[int, int, int, int], shape: tuple[int, int] = SHAPE) -> np.ndarray:
    drawn = np.zeros(shape, bool)
    for x0, y0, x1, y1 in boxes:
        drawn[y0:y1, x0:x1] = True
    return drawn


def found(*boxes: tuple[int, int, int, int], **fields: object) -> Found:
    return Found("polyp", mask(*boxes), **fields)


def test_the_largest_parts_stay() -> None:
    one = found((1, 1, 4, 3), (10, 5, 20, 9), (30, 20, 36, 24))
    assert np.array_equal(largest_parts([one], 1)[0].mask, mask((10, 5, 20, 9)))
    assert np.array_equal(largest_parts([one], 2)[0].mask, mask((10, 5, 20, 9), (30, 20, 36, 24)))


def test_parts_of_one_size_the_upper_first() -> None:
    one = found((30, 20, 34, 22), (1, 5, 5, 7))
    assert np.array_equal(largest_parts([one], 1)[0].mask, mask((1, 5, 5, 7)))


@pytest.mark.parametrize(("radius", "boxes"), [(2, [(2, 3, 20, 17), (20, 9, 40, 10)])])
def test_opening_and_closing_are_those_of_scikit_image(
    radius: int, boxes: list[tuple[int, int, int, int]]
) -> None:
    from skimage.morphology import closing, disk, opening

    drawn = mask(*boxes)
    drawn[6, 6] = False
    (after_opening,) = opened([Found("polyp", drawn)], radius)
    (after_closing,) = closed([Found("polyp", drawn)], radius)
    assert np.array_equal(after_opening.mask, opening(drawn, disk(radius)))
    assert np.array_equal(after_closing.mask, closing(drawn, disk(radius)))
    assert not np.array_equal(after_opening.mask, drawn)
    assert not np.array_equal(after_closing.mask, drawn)


def test_what_lies_at_the_border_stays_whole() -> None:
    half = found((0, 0, 12, 30))
    assert opened([half], 3)[0].mask[0, 0]
    assert closed([half], 3)[0].mask.sum() == half.mask.sum()


def test_what_nothing_is_left_of_is_gone() -> None:
    assert opened([found((5, 5, 6, 9))], 2) == []


def test_sizes_are_shares_of_the_picture() -> None:
    small, middle, whole = found((0, 0, 1, 1)), found((0, 0, 25, 15)), found((0, 0, 50, 30))
    assert within([small, middle, whole], SHAPE, least=0.01, largest=0.9) == [middle]
    assert area_px(Found("polyp", box=(1, 2, 4, 8))) == 18
    assert area_px(Found("polyp")) == 0


def test_the_largest_of_each_label_in_the_order_given() -> None:
    small, big = found((0, 0, 2, 2)), found((0, 0, 9, 9))
    other = Found("ulcer", mask((0, 0, 3, 3)))
    assert largest([small, other, big], 1) == [other, big]


def test_a_policy_applies_all_and_changes_nothing_it_was_given() -> None:
    one = found((10, 5, 20, 15), (30, 20, 36, 24), score=0.9, box=(10, 5, 36, 24))
    before = one.mask.copy()
    (kept,) = apply(
        [one, found((0, 0, 9, 9), score=0.1)], Policy(0.5, 1, 1, 1, 0.001, 0.9, 1), SHAPE
    )
    assert np.array_equal(kept.mask, opened([found((10, 5, 20, 15))], 1)[0].mask)
    assert kept.score == 0.9
    assert kept.box is None
    assert np.array_equal(one.mask, before)


def test_a_policy_of_defaults_leaves_all() -> None:
    given = [found((1, 1, 4, 3), (10, 5, 20, 9)), Found("polyp", box=(0, 0, 3, 3))]
    assert apply(given, Policy(), SHAPE) == given
