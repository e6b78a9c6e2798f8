"""Does the form of an option give the key away: its length, its words, its article?

Every statistic is of multiple-choice items other than yes/no, by their number of options, and comes
with what chance would give. Items where the form tells nothing (all options equally long) are left out.
"""

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from statistics import fmean
from typing import Any

from quality.balance.item import Item
from quality.balance.wording import ABSOLUTES, HEDGES, content_words, words
from quality.intervals import wilson

Marked = Callable[[Item], list[bool]]
"""For every option of an item: does it stand out?"""


def form_rows(items: Iterable[Item]) -> list[dict[str, Any]]:
    """One row for each number of options and each way to stand out: how often the only option that
    stands out is the key, with Wilson's interval, beside the expected 1/n.
    """
    by_size: dict[int, list[Item]] = defaultdict(list)
    for item in items:
        if item.choice and not item.polar:
            by_size[len(item.options)].append(item)
    return [
        _row(size, form, marked, by_size[size])
        for size in sorted(by_size)
        for form, marked in FORMS.items()
    ]


def _row(size: int, form: str, marked: Marked, items: Sequence[Item]) -> dict[str, Any]:
    telling = [(item, marks) for item in items if sum(marks := marked(item)) == 1]
    hits = sum(marks[item.answer_index or 0] for item, marks in telling)
    low, high = wilson(hits, len(telling))
    return {
        "form": form,
        "options": size,
        "items": len(items),
        "telling": len(telling),
        "hits": hits,
        "low": round(low, 4),
        "high": round(high, 4),
        "chance": round(1 / size, 4),
    }


def _longest(item: Item) -> list[bool]:
    most = max(map(len, item.options))
    return [len(option) == most for option in item.options]


def _shortest(item: Item) -> list[bool]:
    least = min(map(len, item.options))
    return [len(option) == least for option in item.options]


def _shares_stem_words(item: Item) -> list[bool]:
    """The options that share most words with the stem; none where no option shares any."""
    stem = content_words(item.stem)
    shared = [len(content_words(option) & stem) for option in item.options]
    return [n == max(shared) > 0 for n in shared]


def _hedges(item: Item) -> list[bool]:
    return [not HEDGES.isdisjoint(words(option)) for option in item.options]


def _absolute(item: Item) -> list[bool]:
    return [not ABSOLUTES.isdisjoint(words(option)) for option in item.options]


_OPEN_ARTICLE = re.compile(r"\b(an?)\s*(?:_+|\.{3,}|…)?\s*[?.:]?\s*$", re.IGNORECASE)


def _fits_article(item: Item) -> list[bool]:
    """The options that fit the article at the end of the stem ("shows an ..."), by first letter."""
    article = _OPEN_ARTICLE.search(item.stem)
    if article is None:
        return [False] * len(item.options)
    vowel = article[1].lower() == "an"
    return [(option.strip()[:1].lower() in "aeiou") == vowel for option in item.options]


FORMS: dict[str, Marked] = {
    "longest": _longest,
    "shortest": _shortest,
    "shares most words with the stem": _shares_stem_words,
    "only one with a hedge": _hedges,
    "only one with an absolute word": _absolute,
    "only one to fit the article": _fits_article,
}


def length_rows(items: Iterable[Item]) -> list[dict[str, Any]]:
    """By number of options: mean length of keys and of wrong options in characters, and their gap."""
    by_size: dict[int, list[tuple[int, float]]] = defaultdict(list)
    for item in items:
        if item.choice and not item.polar:
            by_size[len(item.options)].append((len(item.key), fmean(map(len, item.others))))
    return [
        {
            "options": size,
            "items": len(found),
            "key": round(fmean(key for key, _ in found), 2),
            "others": round(fmean(others for _, others in found), 2),
            "gap": round(fmean(key - others for key, others in found), 2),
        }
        for size, found in sorted(by_size.items())
    ]
