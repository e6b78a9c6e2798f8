import math

import pytest

from schemas.reject import Fault
from transforms.regions.boxes import fit_box

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
