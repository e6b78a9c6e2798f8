"""Where tiles lie: levels, places, order, and how much of a mask each place holds."""

import numpy as np
import pytest

from schemas.reject import Fault
from transforms.formats.slide import Level
from transforms.slides.cells import shares
from transforms.slides.grid import grid_of, reading_for, spread

LEVELS = (Level(8000, 6000, 1.0), Level(2000, 1500, 4.0), Level(500, 375, 16.0))


def test_a_level_near_what_is_asked_is_taken_as_it_is() -> None:
    reading = reading_for(LEVELS, (0.499, 0.499), 2.0)
    assert (reading.level, reading.resampled) == (1, False)
    assert reading.mpp == pytest.approx((1.996, 1.996))  # its own, not the one asked for


def test_between_levels_the_finer_one_is_reduced() -> None:
    reading = reading_for(LEVELS, (0.25, 0.25), 2.0)
    assert (reading.level, reading.resampled) == (1, True)
    assert reading.mpp == (2.0, 2.0)
    assert reading.step == (8.0, 8.0)


def test_pixels_that_are_not_square_become_square() -> None:
    reading = reading_for(LEVELS, (0.25, 0.5), 0.5)
    assert (reading.level, reading.resampled) == (0, True)
    assert reading.step == (2.0, 1.0)


def test_nothing_is_enlarged() -> None:
    with pytest.raises(Fault, match=r"mpp_too_coarse: scanned at 0\.5 µm per pixel"):
        reading_for(LEVELS, (0.5, 0.5), 0.25)


def test_tiles_lie_inside_and_a_whole_number_of_pixels_apart() -> None:
    grid = grid_of((100, 40, 1000, 500), (2.0, 2.0), 100, 0.25)
    assert list(grid.x) == [100 + 150 * n for n in range(6)]  # the next would end at 1200
    assert list(grid.y) == [40, 190, 340]
    assert grid.size == (200, 200)


def test_a_slide_smaller_than_a_tile_and_a_grid_without_end() -> None:
    with pytest.raises(Fault, match="slide_small"):
        grid_of((0, 0, 500, 99), (1.0, 1.0), 100, 0)
    with pytest.raises(Fault, match="too_large"):
        grid_of((0, 0, 100_000, 100_000), (1.0, 1.0), 100, 0.9)


def test_any_first_few_places_lie_all_over() -> None:
    rows, columns = (n.ravel() for n in np.mgrid[:40, :60])
    order = spread(rows, columns)
    assert sorted(order) == list(range(2400))
    first = order[:16]
    quarters = {(int(rows[n] >= 20), int(columns[n] >= 30)) for n in first}
    assert len(quarters) == 4
    gaps = np.hypot(rows[first][:, None] - rows[first], columns[first][:, None] - columns[first])
    assert gaps[gaps > 0].min() > 4  # no two side by side


def test_the_order_does_not_depend_on_how_places_are_listed() -> None:
    rows, columns = np.array([0, 0, 1, 5, 9]), np.array([0, 3, 1, 5, 2])
    turned = [(9, 2), (5, 5), (1, 1), (0, 3), (0, 0)]
    again = spread(np.array([r for r, _ in turned]), np.array([c for _, c in turned]))
    told = [(int(rows[n]), int(columns[n])) for n in spread(rows, columns)]
    assert told == [turned[n] for n in again]


def test_shares_are_exact_for_fractional_places() -> None:
    mask = np.zeros((30, 40), bool)
    mask[4:17, 9:31] = True
    fine = np.kron(mask, np.ones((10, 10)))  # tenths of a pixel
    left, top = np.array([0.0, 5.3, 28.7]), np.array([0.4, 12.9])
    found = shares(mask, left, top, (7.2, 6.5))
    for row, y in enumerate(top):
        for column, x in enumerate(left):
            part = fine[round(y * 10) : round(y * 10 + 65), round(x * 10) : round(x * 10 + 72)]
            assert found[row, column] == pytest.approx(part.sum() / (65 * 72))


def test_what_lies_beyond_the_mask_counts_as_empty() -> None:
    found = shares(np.ones((4, 4), bool), np.array([2.0]), np.array([-1.0]), (4.0, 2.0))
    assert found[0, 0] == pytest.approx(2 / 8)
