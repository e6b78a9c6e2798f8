"""Quotations put back into the letters of their passage.

A prompt shows passages cleaned; a model that copies faithfully copies the cleaned letters ("..." for
"…"). What it quotes is then looked up in the stored passage, and nothing else is mended.
"""

import re
from collections.abc import Iterable

from schemas.passage import Passage
from transforms.prompting.fence import clean

_QUOTED = re.compile(r'(["“])(?P<quote>[^"”]{8,})(["”])')
_SENTENCE = re.compile(r"\S.*?[.!?](?=\s|$)|\S.*$", re.DOTALL)


def as_stored(text: str, passages: Iterable[Passage]) -> str:
    """The text with a quotation that equals cleaned sentences of a passage replaced by those sentences
    as they are stored. A text without such a quotation stays."""
    found = _QUOTED.search(text)
    if found is None:
        return text
    for passage in passages:
        stored = _stored(passage.text, found["quote"])
        if stored is not None:
            return text[: found.start("quote")] + stored + text[found.end("quote") :]
    return text


def _stored(passage: str, quote: str) -> str | None:
    """The run of whole sentences of the passage whose cleaned form is the quotation."""
    parts = list(_SENTENCE.finditer(passage))
    for first in range(len(parts)):
        for last in range(first, len(parts)):
            run = passage[parts[first].start() : parts[last].end()]
            cleaned = clean(run, len(passage) * 2)
            if cleaned == quote:
                return " ".join(run.split())
            if len(cleaned) > len(quote):
                break
    return None
