"""Checks of five options: number, repeats, giveaways, and whether the keyed one says the settled key."""

import re

from expert_models.writer.item_rows.faults import LONGEST, Found, spoken_faults
from expert_models.writer.item_rows.terms import known_term, term_said
from expert_models.writer.items_order import LETTERS, OPTIONS, ItemOrder

MARGIN = 10  # characters by which a key may exceed the longest wrong option whatever the ratio
CATCH_ALL = re.compile(
    r"\b(?:all|none|both|neither|any|some)(?: \w+)? of (?:the (?:above|others?|options)|these|them)\b|"
    r"^(?:both|neither|not sure|unknown|cannot be (?:determined|told))\b|\boptions? [A-E]\b",
    re.IGNORECASE,
)
_LETTER = re.compile(r"^\(?([A-E])[.):]\s+")
_ARTICLE = re.compile(r"\b(?:the|an?)\b")


def plain_option(letter: str, text: str) -> str:
    """Without its own letter in front ("B. the liver"), and without a full stop at the end."""
    led = _LETTER.match(text)
    bare = text[led.end() :] if led and led[1] == letter else text
    return bare.rstrip(".").strip()


def option_faults(options: list[str], key: str, order: ItemOrder, ratio: float) -> Found:
    """What is wrong with the options. key: the one that the answer marks.

    ratio: a key so many times as long as the longest wrong option gives itself away.
    """
    found = [
        f
        for n, o in zip(LETTERS, options, strict=True)
        for f in spoken_faults(f"option {n}", o, LONGEST["option"])
    ]
    if len(options) != OPTIONS:
        found.append(("answer_malformed", f"{len(options)} options instead of {OPTIONS}"))
    plain = [_bare(o) for o in options]
    repeated = [o for n, o in enumerate(plain) if o in plain[:n]]
    found += [("options_repeat", f"{o!r} is offered twice") for o in repeated]
    found += [
        ("options_not_parallel", f"{o!r} is no option of its own")
        for o in options
        if CATCH_ALL.search(o)
    ]
    longest = max((len(o) for o in options if o != key), default=0)
    if too_long(key, longest, ratio):
        found.append(("options_not_parallel", "the right option is much longer than the others"))
    return found + _truth_faults(options, key, order)


def too_long(key: str, longest: int, ratio: float) -> bool:
    """Does a key give itself away beside wrong options of at most `longest` characters?"""
    return len(key) > max(ratio * longest, longest + MARGIN)


def _truth_faults(options: list[str], key: str, order: ItemOrder) -> Found:
    """The marked option says the settled key, and no other does, or says what is not known to be false."""
    if not order.key:
        return []
    terms = (order.key, *order.wrong)
    said = {o: term_said(o, terms) for o in options}
    found: Found = []
    if said[key] not in (None, order.key):
        found.append(("key_wrong", f"the marked option says {said[key]!r} and not {order.key!r}"))
    others = [o for o in options if o != key]
    found += [
        ("options_many_true", f"{o!r} is true as well") for o in others if said[o] == order.key
    ]
    strange = [o for o in others if said[o] is None and known_term(o) not in (None, *terms)]
    return found + [("options_many_true", f"whether {o!r} is true is unknown") for o in strange]


def _bare(option: str) -> str:
    return " ".join(_ARTICLE.sub(" ", option.lower()).split())
