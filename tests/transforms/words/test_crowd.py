"""Where a crowd lies: everywhere only if no third of the width or height is all but empty."""

import pytest

from schemas.region import POSITIONS
from tests.transforms.words.sheets import Maker
from transforms.words.crowd import spread
from transforms.words.groups import Group, groups_of


def crowd(*grid: int) -> Group:
    """Nuclei, so many at each of the nine places, row by row."""
    m = Maker("crowd")
    number = 0
    for place, count in zip(POSITIONS, grid, strict=True):
        for _ in range(count):
            number += 1
            m.region("nucleus", (number, 0, number + 1, 1), place, kind="cell", area=0.001)
    (group,) = groups_of(m.sheet())
    return group


def turned(grid: tuple[int, ...]) -> tuple[int, ...]:
    """Rows and columns exchanged."""
    return tuple(grid[3 * (i % 3) + i // 3] for i in range(9))


@pytest.mark.parametrize("turn", [tuple, turned])
@pytest.mark.parametrize(
    ("grid", "everywhere"),
    [
        ((30, 30, 2, 30, 30, 1, 25, 23, 1), False),  # 4 of 172 in the right third
        ((30, 30, 6, 30, 30, 5, 25, 10, 6), False),  # 17 of 172: under a tenth
        ((30, 30, 6, 30, 30, 6, 25, 9, 6), True),  # 18 of 172
        ((20, 20, 20, 20, 20, 20, 0, 2, 0), False),
        ((1, 1, 1, 1, 0, 1, 1, 0, 1), True),
        ((40, 0, 0, 0, 40, 0, 0, 0, 40), False),  # a diagonal leaves six places empty
    ],
)
def test_everywhere_means_every_third(turn, grid, everywhere):
    assert (spread(crowd(*turn(grid))) == "over the whole image") is everywhere


def test_a_lopsided_crowd_is_told_where_most_of_it_lies():
    text = spread(crowd(30, 40, 2, 30, 30, 1, 25, 13, 1))
    assert text == "mostly in the upper center, upper left and middle left of the image"
