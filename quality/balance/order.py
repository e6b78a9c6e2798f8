"""May the options of an item be moved? Not where their order means something."""

import re
from collections.abc import Sequence
from itertools import pairwise

from quality.balance.item import Item

_NUMBER = re.compile(r"(?<![\w.])-?\d+(?:\.\d+)?")  # not the 1 of T1 or L1
_NAMES_A_LETTER = re.compile(
    r"\b(?i:options?|answers?|choices?)\s+\(?[A-H]\b|\b(?i:both|either|neither)\s+\(?[A-H]\)?\s+(?i:and|or|nor)\b"
)
_NAMES_THE_OTHERS = re.compile(
    r"\b(?:all|any|both|none|neither)\s+of\s+(?:the\s+)?(?:above|others|options|answers|these)\b",
    re.IGNORECASE,
)


def movable(item: Item) -> bool:
    """Multiple choice whose options mean the same in any order.

    Yes/no, rising or falling numbers, options that speak of other options, and items whose words
    name a letter keep the order they were written and judged in.
    """
    if not item.choice or item.polar or rising(item.options):
        return False
    if any(_NAMES_THE_OTHERS.search(option) for option in item.options):
        return False
    return not any(_NAMES_A_LETTER.search(t) for t in (item.stem, item.rationale, *item.options))


def rising(options: Sequence[str]) -> bool:
    """Every option holds a number, and the first numbers of all rise, or fall, from one to the next."""
    found = [_NUMBER.search(option) for option in options]
    numbers = [float(match.group()) for match in found if match]
    if len(numbers) < max(2, len(options)):
        return False
    pairs = list(pairwise(numbers))
    return all(a < b for a, b in pairs) or all(a > b for a, b in pairs)
