"""Options as numbers: what a classifier may see that sees neither image nor stem."""

from collections.abc import Sequence
from statistics import fmean
from typing import Any

from quality.balance.item import Item
from quality.balance.order import movable
from quality.balance.wording import ABSOLUTES, HEDGES, words

HASHED = 2**15  # columns for words and pairs of words


def option_matrix(items: Sequence[Item]) -> Any:
    """A sparse matrix, one row an option, items in order: hashed words and pairs, then its form."""
    from scipy.sparse import csr_matrix, hstack
    from sklearn.feature_extraction.text import HashingVectorizer

    texts = [" ".join(words(option)) for item in items for option in item.options]
    hashing = HashingVectorizer(
        n_features=HASHED, ngram_range=(1, 2), token_pattern=r"\S+", alternate_sign=False
    )
    form = [row for item in items for row in form_of_options(item)]
    return hstack([hashing.transform(texts), csr_matrix(form)], format="csr")


def form_of_options(item: Item) -> list[list[float]]:
    """For each option: length beside the others', longest, shortest, hedge, absolute word, number,
    and its place where the options stand in an order of their own.

    Of items whose options may be moved no place is told: their letters are even by construction, and
    a fold with more of one letter than its share has less of it to learn from, so that knowing places
    would push the classifier below chance and hide what it knows.
    """
    lengths = [len(option) for option in item.options]
    counts = [len(words(option)) for option in item.options]
    places = [0.0] * len(lengths) if movable(item) else _places(len(lengths))
    return [
        [
            length / (fmean(lengths) + 1) - 1,
            count / (fmean(counts) + 1) - 1,
            float(length == max(lengths) and lengths.count(length) == 1),
            float(length == min(lengths) and lengths.count(length) == 1),
            float(not HEDGES.isdisjoint(words(option))),
            float(not ABSOLUTES.isdisjoint(words(option))),
            float(any(c.isdigit() for c in option)),
            float(place == 0.0 and any(places)),
            float(place == 1.0),
            place * (1 - place) * 4,
        ]
        for option, length, count, place in zip(item.options, lengths, counts, places, strict=True)
    ]


def _places(size: int) -> list[float]:
    """0 for the first option to 1 for the last."""
    return [n / (size - 1) for n in range(size)]
