"""Numbers as keys: how exact an answer must be, how to show it, and numbers to set beside it."""

from itertools import pairwise
from math import ceil, floor, hypot, log10

from schemas.ids import pick

RELATIVE = 0.05  # of a length; an area is allowed twice that (families.md F2)
GAP, GAP_LEFT = 1.4, 1.25  # between neighbouring options, before and after rounding
OPTIONS = 4
EDGE = 1e-6  # numeric noise at a tolerance's edge


def length_tolerance(value: float, pixel: tuple[float, float]) -> float:
    """max(one pixel diagonal, 5 %); `pixel` is (height, width) in the unit of `value`."""
    return max(hypot(*pixel), RELATIVE * value)


def decimals(tolerance: float) -> int:
    """The fewest decimals whose rounding error stays below a quarter of the tolerance."""
    return max(0, floor(log10(2 / tolerance)) + 1) if tolerance > 0 else 0


def rising(value: float, places: int, most: float, tolerance: float, *key: str) -> list[str]:
    """Four numbers in rising order, the true one at a place picked by `key`; none above `most`.

    Empty where rounding to `places` decimals would bring two of them closer than GAP_LEFT, or another
    one within `tolerance` of the value, which would make it as right as the key.
    """
    above = sum(value * GAP**k <= most for k in range(1, OPTIONS))
    lowest = OPTIONS - 1 - above
    below = lowest + pick(OPTIONS - lowest, *key)
    numbers = [round(value * GAP**k, places) for k in range(-below, OPTIONS - below)]
    clear = all(a > 0 and b >= GAP_LEFT * a for a, b in pairwise(numbers))
    near = sum(abs(n - value) <= tolerance * (1 + EDGE) for n in numbers)
    return [f"{n:.{places}f}" for n in numbers] if clear and near == 1 else []


def rising_counts(count: int, *key: str) -> list[str]:
    """Four whole numbers from one up, neighbours a quarter apart, in rising order, as `rising`."""
    below: list[int] = []
    low = count
    while (low := floor(low / 1.25)) >= 1 and len(below) < OPTIONS - 1:
        below.append(low)
    take = pick(len(below) + 1, *key)
    numbers = [*reversed(below[:take]), count]
    while len(numbers) < OPTIONS:
        numbers.append(max(numbers[-1] + 1, ceil(numbers[-1] * 1.25)))
    return [str(n) for n in numbers]
