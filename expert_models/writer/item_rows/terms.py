"""Which of the settled answers does an option give? Its words or a synonym; None: words of its own."""

import re
from collections.abc import Iterable
from functools import cache

from schemas.vocabulary import findings, modalities, organs


def term_said(text: str, terms: Iterable[str]) -> str | None:
    """The one term that the text names by itself or by a synonym; of "center" and "upper center" the
    longer. None where it names none, or two of which neither holds the other."""
    best: dict[str, int] = {}
    for term in terms:
        lengths = [len(way) for way in ways_to_say(term) if _holds(text, way)]
        if lengths:
            best[term] = max(lengths)
    longest = [t for t, n in best.items() if n == max(best.values())]
    return longest[0] if len(longest) == 1 else None


@cache
def ways_to_say(term: str) -> tuple[str, ...]:
    """The term and its synonyms in the vocabularies. A modality is said by its title, not by its code:
    "us" is a word."""
    modality = modalities().find(term)
    if modality is not None:
        return tuple(dict.fromkeys([modality.title, *modality.synonyms]))
    entries = (findings().get(term), organs().get(term))
    synonyms = [s for e in entries if e is not None for s in e.synonyms]
    return tuple(dict.fromkeys([term, *synonyms]))


def known_term(text: str) -> str | None:
    """The finding that the whole text is the name of, if it is one; articles do not matter."""
    bare = re.sub(r"^(?:the|an?)\s+", "", text.strip().rstrip("."), flags=re.IGNORECASE)
    term = findings().find(bare)
    return term.name if term is not None else None


def _holds(text: str, words: str) -> bool:
    return bool(re.search(rf"(?<![\w-]){re.escape(words)}(?![\w-])", text, re.IGNORECASE))
