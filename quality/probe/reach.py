"""What of a planted string reached a request: nothing, fenced data, or words outside the fence."""

import json
import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass

from quality.probe.injections import Planted
from schemas.exchange import Request

FENCE = re.compile(r"<<(data-[0-9a-f]{16})\b(.*?)\1>>", re.DOTALL)
"""A fence as transforms.prompting writes it: <<marker NAME, the data, marker>>."""

_UNSEEN = {"Cf", "Co", "Cn"}


@dataclass(frozen=True)
class Reach:
    """fenced: requests that hold the string inside a fence; outside: those that hold it anywhere else.

    hidden: requests with letters that nobody sees (bidi marks, zero-width letters). Pictures are not
    looked into. The schema of the answer is outside; a model's own words, given back to it as an
    assistant's turn, do not count.
    """

    requests: int = 0
    fenced: int = 0
    outside: int = 0
    hidden: int = 0

    def __add__(self, other: "Reach") -> "Reach":
        return Reach(
            self.requests + other.requests,
            self.fenced + other.fenced,
            self.outside + other.outside,
            self.hidden + other.hidden,
        )


def reach(planted: Planted, requests: Iterable[Request]) -> Reach:
    """Count over requests."""
    total = Reach()
    for request in requests:
        texts = [m.text for m in request.messages if m.role != "assistant"]
        form = json.dumps(request.schema, ensure_ascii=False)
        bare = [*(FENCE.sub("", t) for t in texts), form]
        inside = [found.group(2) for t in texts for found in FENCE.finditer(t)]
        hidden = any(map(_hides, (*texts, form)))
        total += Reach(1, _any(planted, inside), _any(planted, bare), hidden)
    return total


def _any(planted: Planted, texts: Iterable[str]) -> bool:
    """A mark in any of the texts, whatever is strewn between its letters."""
    seen = ["".join(c for c in t if unicodedata.category(c) not in _UNSEEN).lower() for t in texts]
    return any(mark.lower() in t for mark in planted.marks() for t in seen)


def _hides(text: str) -> bool:
    return any(unicodedata.category(c) in _UNSEEN for c in text)
