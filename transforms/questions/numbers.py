"""Numbers as keys: how exact an answer must be, how to show it, and numbers to set beside it."""

from math import ceil, floor, hypot, log10

from schemas.ids import pick

RELATIVE = 0.05  # of a length; an area is allowed twice that (families.md F2)
GAP = 1.4  # between neighbouring options; at least 1.25 must be left after rounding
OPTIONS = 4


def length_tolerance(value: float, pixel: tuple[float, float]) -> float:
    """max(one pixel diagonal, 5 %); `pixel` is (height, width) in the unit of `value`."""
    return max(hypot(*pixel), RELATIVE * value)


def shown(value: float, tolerance: float) -> str:
    """The shortest decimal whose rounding error stays below a quarter of the tolerance."""
    decimals = max(0, ceil(log10(2 / tolerance))) if tolerance > 0 else 0
    return f"{value:.{decimals}f}"


def rising(value: float, tolerance: float, most: float, *key: str) -> list[str]:
    """Four numbers in rising order, the true one at a place picked by `key`; none above `most`.

    Empty where `most` leaves no room for a choice of places.
    """
    above = sum(value * GAP**k <= most for k in range(1, OPTIONS))
    lowest = OPTIONS - 1 - above
    below = lowest + pick(OPTIONS - lowest, *key)
    steps = range(-below, OPTIONS - below)
    return [shown(value * GAP**k, min(tolerance * GAP**k, tolerance)) for k in steps]


def rising_counts(count: int, *key: str) -> list[str]:
    """Four whole numbers from one up, neighbours a quarter apart, in rising order, as `rising`."""
    below, low = [], count
    while (low := floor(low / 1.25)) >= 1 and len(below) < OPTIONS - 1:
        below.append(low)
    take = pick(len(below) + 1, *key)
    numbers = [*reversed(below[:take]), count]
    while len(numbers) < OPTIONS:
        numbers.append(max(numbers[-1] + 1, ceil(numbers[-1] * 1.25)))
    return [str(n) for n in numbers]
