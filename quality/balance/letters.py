"""Answer letters: every place right equally often, overall and within every stratum."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any

from quality.balance.item import Item
from quality.balance.order import movable
from schemas.ids import digest

LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
LEAST_EXPECTED = 5  # per letter; below, the chi-square distribution does not hold (Cochran 1954)


def place_keys(items: Iterable[Item], key: str) -> dict[str, int]:
    """The new place of the key of every movable item, by id. A pure function of the set of items.

    Items with equally many options are lined up by question type, modality and split, within those by
    keyed hash, and the places dealt out in turn. So the letters of any run of the line differ by one
    at most: overall, in each stratum of type x modality, and in each split of a stratum.
    """
    places: dict[str, int] = {}
    by_size: dict[int, list[Item]] = defaultdict(list)
    for item in items:
        if movable(item):
            by_size[len(item.options)].append(item)
    for size, found in by_size.items():
        found.sort(key=lambda i: (*stratum(i), i.split, digest("letter", key, i.id), i.id))
        places |= {item.id: rank % size for rank, item in enumerate(found)}
    return places


def stratum(item: Item) -> tuple[str, str]:
    """Question type and modality."""
    return item.question_type, item.modality


def order_with_key_at(item: Item, place: int) -> list[int]:
    """Old places of the options in their new order: the key at `place`, the others as they were."""
    others = [n for n in range(len(item.options)) if n != item.answer_index]
    assert item.answer_index is not None
    return [*others[:place], item.answer_index, *others[place:]]


def relabelled(item: Item, place: int) -> Item:
    """The item with its key moved to `place`."""
    options = tuple(item.options[n] for n in order_with_key_at(item, place))
    return replace(item, options=options, answer_index=place)


def letter_rows(items: Sequence[Item]) -> list[dict[str, Any]]:
    """Counts of right letters with a chi-square test: overall and by stratum, for each number of
    options, of items whose options may be moved and of those in an order of their own.

    Yes/no items are told elsewhere. `p` is None where a letter is expected fewer than five times.
    """
    groups: dict[tuple[int, bool, str, str], Counter[int]] = defaultdict(Counter)
    for item in items:
        if item.choice and not item.polar and item.answer_index is not None:
            for kind, modality in ((*stratum(item),), ("", "")):
                groups[len(item.options), movable(item), kind, modality][item.answer_index] += 1
    return [
        {
            "options": size,
            "order": "even" if moved else "own",
            "question_type": kind,
            "modality": modality,
            "letters": {LETTERS[n]: counted[n] for n in range(size)},
            **uniformity([counted[n] for n in range(size)]),
        }
        for (size, moved, kind, modality), counted in sorted(groups.items())
    ]


def uniformity(counts: Sequence[int]) -> dict[str, Any]:
    """Pearson's chi-square of counts against equal ones: items, chi2, p."""
    total = sum(counts)
    expected = total / len(counts)
    if expected < LEAST_EXPECTED:
        return {"items": total, "chi2": None, "p": None}
    from scipy.special import chdtrc  # the tail of chi-square; scipy.stats takes seconds to import

    statistic = sum((n - expected) ** 2 for n in counts) / expected
    p = float(chdtrc(len(counts) - 1, statistic))
    return {"items": total, "chi2": round(statistic, 4), "p": round(p, 6)}
