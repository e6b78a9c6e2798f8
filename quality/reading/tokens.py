"""Words, numbers and marks of a text, with their places."""

import re
from typing import NamedTuple


class Token(NamedTuple):
    """One token. `word` is lower case; `kind` is word, number or mark; `start`, `end` index the
    text.
    """

    word: str
    kind: str
    start: int
    end: int
    raw: str


_TOKEN = re.compile(
    r"""
      (?P<code>[A-Za-z]&[A-Za-z]\b | \b[23][-\ ]?D\b | (?<![0-9])[A-Za-z]+[0-9]+[A-Za-z0-9]*)
    | (?P<number>(?:(?<![\w.)\]%])[-−])?(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?)
    | (?P<contracted>\w+n['’]t\b)
    | (?P<word>[^\W\d_]+(?:_[^\W\d_]+)*[²³]?)
    | (?P<possessive>['’]s\b)
    | (?P<mark>[^\s\w])
    """,
    re.VERBOSE,
)
_CONTRACTED = {"can": "can", "won": "will", "shan": "shall"}


def tokenise(text: str) -> list[Token]:
    """Tokens in order. Hyphens inside compounds are left out, so that "well-defined" reads as two words.

    A hyphen stays where it may be a range or a minus: next to a digit. "T2", "C7", "H&E" and "2-D" are
    words; "isn't" reads as "is not"; a possessive 's is dropped.
    """
    tokens: list[Token] = []
    for found in _TOKEN.finditer(text):
        kind, raw, start, end = found.lastgroup, found.group(), found.start(), found.end()
        if kind == "possessive" or (
            kind == "mark" and raw in "-‐‑" and _inside_compound(text, start)
        ):
            continue
        if kind == "contracted":
            stem = raw[:-3].lower()
            tokens.append(Token(_CONTRACTED.get(stem, stem), "word", start, end - 3, raw[:-3]))
            tokens.append(Token("not", "word", end - 3, end, raw[-3:]))
        elif raw.lower() == "cannot":
            tokens.append(Token("can", "word", start, start + 3, raw[:3]))
            tokens.append(Token("not", "word", start + 3, end, raw[3:]))
        elif kind == "code":
            tokens.append(
                Token(raw.lower().replace("-", "").replace(" ", ""), "word", start, end, raw)
            )
        elif kind == "number":
            plain = raw.replace("−", "-").replace(",", "")
            tokens.append(Token(plain, "number", start, end, raw))
        else:
            tokens.append(Token(raw.lower(), str(kind), start, end, raw))
    return tokens


def _inside_compound(text: str, at: int) -> bool:
    """Letters on at least one side, and no digit on both."""
    before, after = text[at - 1 : at], text[at + 1 : at + 2]
    return bool(before.strip() and after.strip()) and not (before.isdigit() and after.isdigit())


def words(text: str) -> tuple[str, ...]:
    """The words of a phrase, as a key that a lexicon is looked up with."""
    return tuple(t.word for t in tokenise(text) if t.kind != "mark" or t.word in "&/%+")


def bag(text: str) -> frozenset[str]:
    """A set of words from a text of them."""
    return frozenset(text.split())
