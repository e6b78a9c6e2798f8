"""Words of stems and options, as the statistics compare them."""

import re

_WORD = re.compile(r"[^\W\d_]+(?:[-'][^\W\d_]+)*|\d+(?:\.\d+)?")
FUNCTION_WORDS = frozenset([
    "a", "an", "the", "of", "in", "on", "at", "to", "for", "with", "by", "from", "and", "or", "is",
    "are", "was", "were", "be", "been", "it", "its", "this", "that", "these", "those", "which",
    "what", "where", "how", "as", "than", "there", "do", "does", "can", "most", "best", "image",
    "shown", "picture", "following", "one",
])  # fmt: skip
HEDGES = frozenset([
    "may", "might", "could", "can", "possibly", "possible", "probably", "probable", "likely",
    "suggest", "suggests", "suggesting", "suggestive", "often", "usually", "sometimes", "typically",
    "generally", "some", "apparently", "appears", "seems",
])  # fmt: skip
ABSOLUTES = frozenset([
    "always", "never", "only", "all", "none", "every", "entirely", "completely", "must",
    "exclusively",
])  # fmt: skip


def words(text: str) -> list[str]:
    """Words and numbers in lower case, in order."""
    return _WORD.findall(text.lower())


def content_words(text: str) -> set[str]:
    """Words that carry meaning."""
    return set(words(text)) - FUNCTION_WORDS
