"""Text of a source is data: cleaned, cut short, and fenced off before a model sees it.

A caption may hold orders ("ignore the rules above"), marks that turn reading order round, letters
nobody sees, or a copy of our own fence. `clean` leaves visible text on one line; `fenced` encloses it
in a marker that cannot occur in it. Neither makes a model obey; they take away the means of disguise.
"""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

from schemas.ids import digest

CUT = " [cut]"
MARKS = 3  # combining marks kept on one letter; more of them hide the text beneath
_KEPT = {"<super>", "<sub>", "<fraction>", "<circle>"}
"""Compatibility forms that carry meaning: 10⁵ must not become 105, nor ½ become 1⁄2."""
_DROPPED = {
    "Cf",
    "Cs",
    "Co",
    "Cn",
}  # format (bidi, zero width, tags), surrogates, private, unassigned
_UNSEEN = re.compile(
    "[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u2800\u3164\ufe00-\ufe0f\uffa0\U000e0100-\U000e01ef]"
)
_SPACE = re.compile(r"\s+")


@dataclass(frozen=True)
class Fence:
    """marker: a token found nowhere in the texts. body: the texts, one a line, between two marker lines."""

    marker: str
    body: str


def clean(text: str, limit: int) -> str:
    """The visible text on one line, at most `limit` characters, cut at the end with a note.

    Control, bidi, zero-width, tag, private and unassigned characters go; compatibility forms are
    folded (NFKC, Unicode TR 15) except where the form carries meaning. Cleaning twice changes nothing.
    """
    head = text[: 4 * limit + 100]  # the rest would be cut off anyway
    folded = head if head.isascii() else "".join(_folded(c) for c in head)
    seen = "".join(_visible(c) for c in _UNSEEN.sub("", folded))
    line = _SPACE.sub(" ", _few_marks(unicodedata.normalize("NFC", seen))).strip()
    if len(line) <= limit and len(head) == len(text):
        return line
    return (line[: max(0, limit - len(CUT))].rstrip() + CUT)[:limit]


def _folded(character: str) -> str:
    form = unicodedata.decomposition(character).split(" ")[0]
    return character if form in _KEPT else unicodedata.normalize("NFKC", character)


def _visible(character: str) -> str:
    category = unicodedata.category(character)
    if category in ("Cc", "Zl", "Zp", "Zs"):
        return " "
    return "" if category in _DROPPED else character


def _few_marks(text: str) -> str:
    kept, run = [], 0
    for character in text:
        run = run + 1 if unicodedata.combining(character) else 0
        if run <= MARKS:
            kept.append(character)
    return "".join(kept)


def fence_marker(texts: Sequence[str], key: str) -> str:
    """A token such as `data-3f9a1c0b7e2d4a68` that none of the texts holds, in any case.

    It looks random to whoever wrote the texts, and is the same whenever the same texts are asked about.
    """
    lowered = [t.lower() for t in texts]
    turn = 0
    while True:
        marker = f"data-{digest('fence', key, list(texts), turn)[:16]}"
        if not any(marker in t for t in lowered):
            return marker
        turn += 1


def fenced(texts: Sequence[str], key: str, *, limit: int = 2000) -> Fence:
    """The texts, each cleaned to `limit` characters on a line of its own, between two marker lines."""
    lines = [clean(t, limit) for t in texts]
    marker = fence_marker(lines, key)
    return Fence(marker, "\n".join([f"<<{marker}", *lines, f"{marker}>>"]))
