"""Ranking metrics with the definitions of trec_eval: map, ndcg_cut_10, recall_100.

What is not ranked counts as not found. A grade above 0 is relevant; nDCG takes the grade as gain.
"""

from collections.abc import Mapping, Sequence
from math import log2


def average_precision(ranked: Sequence[str], grades: Mapping[str, int]) -> float:
    """Mean, over all relevant documents, of the precision at their ranks (0 where not ranked).

    >>> average_precision(["a", "x", "b"], {"a": 1, "b": 1})  # (1/1 + 2/3) / 2
    0.8333333333333333
    """
    hits, total = 0, 0.0
    for rank, document in enumerate(ranked, start=1):
        if grades.get(document, 0) > 0:
            hits += 1
            total += hits / rank
    return total / _relevant(grades)


def ndcg(ranked: Sequence[str], grades: Mapping[str, int], *, depth: int = 10) -> float:
    """Gain over log2(1 + rank), summed over the first `depth`, as a share of the best order's."""
    best = sorted((g for g in grades.values() if g > 0), reverse=True)
    return _gain([max(0, grades.get(d, 0)) for d in ranked[:depth]]) / _gain(best[:depth])


def recall(ranked: Sequence[str], grades: Mapping[str, int], *, depth: int = 100) -> float:
    """Share of the relevant documents among the first `depth`."""
    return sum(grades.get(d, 0) > 0 for d in ranked[:depth]) / _relevant(grades)


def _gain(gains: Sequence[int]) -> float:
    return sum(gain / log2(rank + 1) for rank, gain in enumerate(gains, start=1))


def _relevant(grades: Mapping[str, int]) -> int:
    count = sum(g > 0 for g in grades.values())
    if not count:
        raise ValueError("a query without a relevant document has no average precision")
    return count
