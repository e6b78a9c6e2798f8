"""The floor: how high an unrelated passage scores, measured on the base itself."""

from collections.abc import Callable, Sequence

import numpy as np

from transforms.knowledge.tokens import stems

PROBES = 200  # passages whose titles serve as queries, evenly spread over the base
QUANTILE = 0.999  # of the scores that passages without a word of the title get


def floor_of(titles: Sequence[str], score: Callable[[str, list[int]], list[float]]) -> float:
    """The fused score that one in a thousand unrelated passages reaches by chance.

    The title of each probe is put as a query. Passages whose title shares no stem with it count
    as unrelated; the floor is the QUANTILE of all their scores, 0 where the base has no such pair.
    `score(query, rows)` gives the fused scores of some passages.
    """
    words = [set(stems(title)) for title in titles]
    unrelated: list[float] = []
    for probe in range(0, len(titles), max(1, len(titles) // PROBES)):
        terms = words[probe]
        rows = [i for i, title in enumerate(words) if title and terms and not title & terms]
        if rows:
            unrelated += score(titles[probe], rows)
    return round(float(np.quantile(unrelated, QUANTILE)), 4) if unrelated else 0.0
