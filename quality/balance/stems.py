"""How varied the stems are: their openings, and those that say the same in nearly the same words."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from math import log2
from typing import Any

from quality.balance.item import Item
from quality.balance.wording import content_words, words

OPENING = 3  # words
FEWEST_WORDS = 5  # shorter stems differ in one word and yet in all they ask

Bag = frozenset[str]


def stem_rows(items: Iterable[Item]) -> list[dict[str, Any]]:
    """By question type: distinct stems, entropy of their openings in bits, stems with a near double.

    Entropy is Shannon's, over the first three words; 0 means that all begin alike, log2 of the number
    of openings that none is preferred.
    """
    groups: dict[str, list[str]] = defaultdict(list)
    for item in items:
        if item.stem:
            groups[item.question_type].append(item.stem)
    return [_row(kind, stems) for kind, stems in sorted(groups.items())]


def _row(kind: str, stems: Sequence[str]) -> dict[str, Any]:
    openings = Counter(" ".join(words(stem)[:OPENING]) for stem in stems)
    opening, most = min(openings.items(), key=lambda pair: (-pair[1], pair[0]))
    return {
        "question_type": kind,
        "items": len(stems),
        "distinct": len(set(stems)),
        "openings": len(openings),
        "entropy": round(entropy(openings.values()), 3),
        "opening": opening,
        "opening_items": most,
        "near_double": near_doubles(stems),
    }


def entropy(counts: Iterable[int]) -> float:
    """Shannon's entropy of counts, in bits."""
    kept = [n for n in counts if n]
    total = sum(kept)
    return sum(n / total * log2(total / n) for n in kept)


def near_doubles(stems: Sequence[str]) -> int:
    """Items whose stem has the content words of another item's stem, all but one at most.

    Numbers count as one word, order and function words as nothing. One differing word is allowed
    from five content words on.
    """
    found = Counter(_bag(stem) for stem in stems)
    reached: dict[Bag, set[Bag]] = defaultdict(set)
    for bag in found:
        for near in _nearby(bag):
            reached[near].add(bag)
    crowded = {bag for bags in reached.values() if len(bags) > 1 for bag in bags}
    return sum(n for bag, n in found.items() if n > 1 or bag in crowded)


def _bag(stem: str) -> Bag:
    return frozenset("0" if word[0].isdigit() else word for word in content_words(stem))


def _nearby(bag: Bag) -> Iterator[Bag]:
    """The bag, and each bag with one word less: two bags that meet here differ by a word."""
    yield bag
    if len(bag) >= FEWEST_WORDS:
        for word in bag:
            yield bag - {word}
