"""Text to index terms: English stems for BM25, stems and their letter 4-grams for the vectors."""

import re
import unicodedata
from functools import cache
from typing import Any

_WORD = re.compile(r"[a-z0-9]+")
# English function words, and the words in which a question is put ("what is", "can I").
STOP_WORDS = frozenset(
    word
    for line in (
        "a about also am an and any are as at be been but by can could did do does for from had",
        "has have he her his how i if in into is it its me more my no not of on or other our she",
        "should some such than that the their them then there these they this to was we were what",
        "when where which who why will with would you your",
    )
    for word in line.split()
)
GRAM = 4


@cache
def _stemmer() -> Any:
    import Stemmer  # PyStemmer: the Snowball stemmers in C

    return Stemmer.Stemmer("english")


def words(text: str) -> list[str]:
    """Lower-case runs of letters and digits, accents taken off."""
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()
    return _WORD.findall(plain.lower())


def stems(text: str) -> list[str]:
    """The words that are not stop words, as Snowball English stems."""
    return _stemmer().stemWords([word for word in words(text) if word not in STOP_WORDS])


def grams(text: str) -> list[str]:
    """The stems, and every run of 4 characters of `#stem#`, so that misspelt names still meet.

    >>> grams("cysts")
    ['cyst', '#cys', 'cyst', 'yst#']
    """
    terms = stems(text)
    return terms + [
        padded[i : i + GRAM]
        for padded in (f"#{t}#" for t in terms)
        for i in range(len(padded) - GRAM + 1)
    ]
