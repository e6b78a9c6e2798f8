"""Confidence intervals of counted shares."""

from math import sqrt

Z95 = 1.959963984540054  # two-sided 95 % of the standard normal


def wilson(hits: int, trials: int, z: float = Z95) -> tuple[float, float]:
    """The Wilson score interval of a share, (lower, upper); (0, 1) where nothing was tried.

    Unlike the normal approximation it stays inside [0, 1] and is honest at 0 and at all: 200 of 200
    shows a lower bound of 0.981, not 1. Source: Wilson 1927, J Am Stat Assoc 22:209; form and test
    values as in Newcombe 1998, Stat Med 17:857, method 3. Raises ValueError on impossible counts.
    """
    if not 0 <= hits <= trials:
        raise ValueError(f"{hits} of {trials} is no share")
    if trials == 0:
        return 0.0, 1.0
    share, z2 = hits / trials, z * z
    centre = share + z2 / (2 * trials)
    spread = z * sqrt(share * (1 - share) / trials + z2 / (4 * trials * trials))
    scale = 1 + z2 / trials
    return max(0.0, (centre - spread) / scale), min(1.0, (centre + spread) / scale)
