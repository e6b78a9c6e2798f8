"""A map of numbered objects as findings, one each."""

from collections.abc import Callable

import numpy as np

from expert_models.experts.base import Found


def objects(
    numbers: np.ndarray,
    label: Callable[[int], str | None],
    likely: np.ndarray | None,
    *,
    smallest_px: int = 1,
) -> list[Found]:
    """One finding a number above 0, in their order.

    numbers  [H, W] whole numbers, 0 is ground
    label    of a number its term; None: it is not reported
    likely   [H, W] in [0, 1], whose mean over an object is its score; None: it has none
    """
    from scipy.ndimage import find_objects

    found = []
    for index, window in enumerate(find_objects(numbers.astype(np.int64)), start=1):
        term = None if window is None else label(index)
        if window is None or term is None:
            continue
        own = numbers[window] == index
        if own.sum() < smallest_px:
            continue
        mask = np.zeros(numbers.shape, dtype=bool)
        mask[window] = own
        score = None if likely is None else float(np.clip(likely[window][own].mean(), 0, 1))
        found.append(Found(term, mask=mask, score=score))
    return found
