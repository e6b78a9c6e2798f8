"""How sure a figure is: bootstrap over patients, not over pictures."""

from collections.abc import Sequence

import numpy as np

DRAWS = 2000
SEED = 20240  # any; fixed, so that a table can be made again
FEWEST = 5  # patients; an interval drawn from fewer is narrower than what is known
LEVELS = (2.5, 97.5)  # percentiles of a two-sided 95 % interval


def ratio(
    parts: Sequence[tuple[float, float]], patients: Sequence[str]
) -> tuple[float, float | None, float | None]:
    """(value, low, high) of the sum of numerators over the sum of denominators.

    parts     (numerator, denominator) of each picture: (value, 1) makes a mean, (2 TP, 2 TP + FP + FN) an F1
    patients  whose picture it is: pictures of one patient are drawn together (cluster bootstrap, Field and
              Welsh 2007, J R Stat Soc B 69:369), since they are alike and say less than as many patients

    Percentile interval of 2000 draws. Fewer than five patients have no interval: too little tells how others
    vary.
    Raises ValueError where the denominators sum to nothing.
    """
    names = sorted(set(patients))
    place = {name: i for i, name in enumerate(names)}
    sums = np.zeros((len(names), 2))
    for part, patient in zip(parts, patients, strict=True):
        sums[place[patient]] += part
    top, bottom = sums.sum(axis=0)
    if not bottom > 0:
        raise ValueError("a ratio over nothing")
    if len(names) < FEWEST:
        return float(top / bottom), None, None
    random = np.random.default_rng(SEED)
    times = random.multinomial(len(names), np.full(len(names), 1 / len(names)), size=DRAWS)
    drawn = times @ sums
    drawn = drawn[drawn[:, 1] > 0]
    low, high = np.percentile(drawn[:, 0] / drawn[:, 1], LEVELS)
    return float(top / bottom), float(low), float(high)
