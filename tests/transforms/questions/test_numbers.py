from itertools import pairwise

import pytest

from transforms.questions.numbers import decimals, length_tolerance, rising, rising_counts


def test_tolerance_is_a_pixel_diagonal_or_five_percent() -> None:
    assert length_tolerance(10.0, (3.0, 4.0)) == 5.0  # 3-4-5; 5 % would be 0.5
    assert length_tolerance(200.0, (3.0, 4.0)) == 10.0


@pytest.mark.parametrize(
    ("tolerance", "places"), [(10.0, 0), (2.01, 0), (1.99, 1), (0.3, 1), (0.05, 2)]
)
def test_decimals_keep_rounding_below_a_quarter(tolerance: float, places: int) -> None:
    assert decimals(tolerance) == places
    assert 0.5 * 10**-places < tolerance / 4


def test_rising_numbers_use_every_place_and_stay_in_the_image() -> None:
    places = set()
    for key in range(60):
        numbers = [float(n) for n in rising(10.0, 0, 1000, 0.5, str(key))]
        assert all(b >= 1.25 * a for a, b in pairwise(numbers))
        places.add(numbers.index(10.0))
    assert places == {0, 1, 2, 3}
    assert {rising(10.0, 0, 15.0, 0.5, str(k)).index("10") for k in range(60)} == {2, 3}


def test_numbers_that_rounding_would_join_are_not_offered() -> None:
    assert all(rising(1.0, 0, 1000, 0.05, str(k)) == [] for k in range(9))


def test_a_number_as_right_as_the_key_is_not_offered() -> None:
    """10.7 mm of 2 mm pixels, within 2.83: 8 mm would be right, too."""
    assert all(rising(10.7, 0, 1000, 2.83, str(k)) == [] for k in range(40) if _below(10.7, str(k)))
    assert all(rising(10.7, 0, 1000, 2.0, str(k)) for k in range(40))


def _below(value: float, key: str) -> bool:
    numbers = [float(n) for n in rising(value, 0, 1000, 0.5, key)]
    return numbers[0] < round(value)


@pytest.mark.parametrize("count", [2, 3, 7, 20, 90])
def test_rising_counts(count: int) -> None:
    places = set()
    for key in range(60):
        numbers = [int(n) for n in rising_counts(count, str(key))]
        assert len(numbers) == 4
        assert numbers[0] >= 1
        assert all(b >= 1.25 * a for a, b in pairwise(numbers))
        places.add(numbers.index(count))
    assert len(places) == min(4, {2: 2, 3: 3}.get(count, 4))
