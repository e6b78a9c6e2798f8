"""Paragraphs to passages of bounded length; whether a text opens with a definition."""

import re
from collections.abc import Iterable, Iterator

from transforms.knowledge.entry import tidy

MAX_CHARS = 1000  # MedRAG's bound for its Wikipedia snippets
_SENTENCE = re.compile(r"(?<=[.!?])\s+(?=[A-Z(\"'])")
_DEFINES = (
    r"(?:is|are|refers? to|means?)\s+(?:an?|the|any|one|when|cancers?|tumou?rs?)\b"
    # "the leading cause", "one of the most common", "a common problem" praise and count, not define
    r"(?!\s+(?:of the )?(?:leading|most|main|major|only|second|third|same|number|common)\b)"
)


def chunk(
    paragraphs: Iterable[str], *, names: Iterable[str] = (), max_chars: int = MAX_CHARS
) -> Iterator[str]:
    """Passages of at most `max_chars` characters, in order.

    Short paragraphs are joined, long ones cut between sentences (between words where one
    sentence is too long). A paragraph that opens by defining one of `names` begins a passage.
    """
    names = tuple(names)
    held = ""
    for piece in _pieces(paragraphs, max_chars):
        fits = len(held) + 1 + len(piece) <= max_chars
        if held and (not fits or defines(piece, names)):
            yield held
            held = ""
        held = f"{held} {piece}" if held else piece
    if held:
        yield held


def defines(text: str, names: Iterable[str]) -> bool:
    """Whether `text` opens with "<name> is a ...", for one of `names`, in singular or plural.

    A parenthesis or an apposition before the verb is allowed: "An aneurysm (AN-u-rism) is a".
    """
    head = text[:300]
    for name in names:
        words = r"\s+".join(re.escape(w) for w in tidy(name).split())
        if words and re.match(
            rf"(?:an?\s+|the\s+)?{words}(?:e?s)?(?:\s*\([^)]*\))?(?:,[^,.]{{1,80}},)?\s+{_DEFINES}",
            head,
            re.IGNORECASE,
        ):
            return True
    return False


def _pieces(paragraphs: Iterable[str], max_chars: int) -> Iterator[str]:
    for paragraph in paragraphs:
        text = tidy(paragraph)
        if len(text) <= max_chars:
            if text:
                yield text
            continue
        for sentence in _SENTENCE.split(text):
            yield from _cut(sentence, max_chars)


def _cut(sentence: str, max_chars: int) -> Iterator[str]:
    while len(sentence) > max_chars:
        at = sentence.rfind(" ", 0, max_chars + 1)
        at = at if at > 0 else max_chars
        yield sentence[:at]
        sentence = sentence[at:].strip()
    if sentence:
        yield sentence
