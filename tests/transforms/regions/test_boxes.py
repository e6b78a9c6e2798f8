import math

import pytest

from schemas.reject import Fault
from transforms.regions.boxes import fit_box, overlap_of

FRAME = (10, 20)  # (height, width): a swap would refuse the first box


@pytest.mark.parametrize(
    ("box", "inside", "clipped"),
    [
        ((11, 2, 19.5, 9), [11, 2, 19.5, 9], 0),
        ((0, 0, 20, 10), [0, 0, 20, 10], 0),
        ((-1, 0, 5, 10.5), [0, 0, 5, 10], 1),  # one pixel is a convention, not a mistake
    ],
)
def test_boxes_that_fit(box: tuple, inside: list, clipped: float) -> None:
    assert fit_box(box, FRAME) == (inside, clipped)


@pytest.mark.parametrize(
    ("box", "reason"),
    [
        ((-1.5, 0, 5, 5), "box_outside_image"),
        ((15, 5, 21.1, 9), "box_outside_image"),
        ((25, 2, 30, 9), "box_outside_image"),
        ((3, 4, 3, 9), "box_outside_image"),
        ((-1, 2, 0, 5), "box_outside_image"),  # clipped, nothing is left
        ((9, 2, 3, 9), "box_invalid"),
        ((math.nan, 2, 3, 9), "box_invalid"),
        ((0, 2, math.inf, 9), "box_invalid"),
    ],
)
def test_boxes_that_do_not(box: tuple, reason: str) -> None:
    with pytest.raises(Fault) as fault:
        fit_box(box, FRAME)
    assert fault.value.reason == reason


@pytest.mark.parametrize(
    ("other", "share"),
    [
        ([2, 3, 8, 7], 1.0),
        ([2, 3, 8, 5], 0.5),
        ([5, 5, 11, 9], 6 / 42),  # 3 x 2 of 24 + 24 - 6: x and y swapped would differ
        ([8, 3, 9, 7], 0.0),
        ([20, 30, 21, 31], 0.0),  # apart on both axes: two negatives make no overlap
    ],
)
def test_overlap(other: list[float], share: float) -> None:
    assert overlap_of([2, 3, 8, 7], other) == pytest.approx(share)
    assert overlap_of(other, [2, 3, 8, 7]) == pytest.approx(share)
