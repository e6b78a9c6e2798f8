"""Read a text: every claim it makes, grouped by what it is about."""

from collections.abc import Sequence
from functools import lru_cache

from quality.reading.claims import Reading
from quality.reading.counts import attach_hints, resolve_counts
from quality.reading.grouping import group
from quality.reading.hedges import settle_hedges
from quality.reading.lexicon import Lexicon
from quality.reading.negation import mark_negated
from quality.reading.scan import scan
from quality.reading.tokens import tokenise

TEXTS_KEPT = 1 << 15  # options and short sentences recur in thousands of images


def read(text: str, extra: Sequence[Lexicon] = ()) -> Reading:
    """The claims of `text`. `extra` are lexicons of words that only one fact sheet knows.

    The same text without `extra` gives the same object: look at a reading, do not change it.
    """
    return _read_afresh(text, extra) if extra else _read_once(text)


@lru_cache(TEXTS_KEPT)
def _read_once(text: str) -> Reading:
    return _read_afresh(text, ())


def _read_afresh(text: str, extra: Sequence[Lexicon]) -> Reading:
    tokens = tokenise(text)
    claims, unread = scan(tokens, extra)
    claims, loose = settle_hedges(tokens, claims)
    unread += loose
    resolve_counts(tokens, claims)
    mark_negated(tokens, claims)
    claims = attach_hints(tokens, claims)
    groups, relations = group(tokens, claims)
    return Reading(text, claims, groups, relations, unread)
