"""Every box convention, exactly."""

import pytest

from schemas.reject import Fault
from transforms.layouts.boxes import CONVERT, half_open

WIDTH, HEIGHT = 100, 50  # unequal, so that a swap of axes shows

# one box: columns 10..29, rows 4..8 counted from 0 (20 wide, 5 high)
SAME_BOX = {
    "xyxy": (10, 4, 30, 9),
    "xyxy-inclusive": (10, 4, 29, 8),
    "xyxy-1based-inclusive": (11, 5, 30, 9),
    "xywh": (10, 4, 20, 5),
    "xywh-inclusive": (10, 4, 19, 4),
    "xywh-1based": (11, 5, 20, 5),
    "cxcywh": (20, 6.5, 20, 5),
    "xyxy-normalised": (0.10, 0.08, 0.30, 0.18),
    "xywh-normalised": (0.10, 0.08, 0.20, 0.10),
    "cxcywh-normalised": (0.20, 0.13, 0.20, 0.10),
}


@pytest.mark.parametrize("convention", SAME_BOX)
def test_every_convention_gives_the_same_box(convention: str) -> None:
    found = half_open(SAME_BOX[convention], convention, WIDTH, HEIGHT)
    assert found == pytest.approx((10, 4, 30, 9), abs=1e-9)


def test_every_convention_is_tested() -> None:
    assert {c.removesuffix("-normalised") for c in SAME_BOX} == set(CONVERT)


def test_a_whole_image_of_voc_is_the_whole_image() -> None:
    assert half_open((1, 1, 640, 480), "xyxy-1based-inclusive", 640, 480) == (0, 0, 640, 480)


@pytest.mark.parametrize(
    ("box", "reason"),
    [
        ((10, 4, 10, 9), "box_outside_image"),  # no area
        ((30, 4, 10, 9), "box_invalid"),  # reversed
        ((float("nan"), 4, 30, 9), "box_invalid"),
        ((float("inf"), 4, 30, 9), "box_invalid"),
        ((90, 4, 120, 9), "box_outside_image"),  # sticks out by 20
        ((-30, 4, -10, 9), "box_outside_image"),  # wholly outside
        ((100, 4, 101, 9), "box_outside_image"),  # inside the slack, yet nothing of it in the image
    ],
)
def test_bad_boxes_have_their_reason(box: tuple[float, ...], reason: str) -> None:
    with pytest.raises(Fault) as error:
        half_open(box, "xyxy", WIDTH, HEIGHT)
    assert (error.value.reason, error.value.scope) == (reason, "region")


def test_a_border_passed_by_one_pixel_is_cut() -> None:
    assert half_open((0, 1, 30, 9), "xyxy-1based-inclusive", WIDTH, HEIGHT) == (0, 0, 30, 9)
