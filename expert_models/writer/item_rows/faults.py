"""What a program finds wrong with an item: (reason of schemas.reasons, words for model and log)."""

import re

from transforms.prompting.fault import Fault

Found = list[tuple[str, str]]
"""Faults in the order found; empty: none."""

SENTENCES = 2
LONGEST = {"stem": 400, "option": 160, "rationale": 320, "turn": 600}
"""Characters."""
FORBIDDEN = re.compile(
    r"\b(?:captions?|according to|annotat(?:ed|ions?|ors?)|masks?|labels?|labell?ed|ground truth|datasets?|"
    r"metadata|file ?names?|the (?:text|passage|context|description|report|facts?)|figure legend|json|"
    r"the prompt|language model|as an ai)\b|\b(?-i:[FRP]\d{1,3}|I\d[FR]\d{1,3})\b",
    re.IGNORECASE,
)
"""Words of the item's making, and our own short names of ids."""
_NUMBER = re.compile(r"(?<![\w.])\d+(?:\.\d+)?(?!\w)")
_END = re.compile(r"[.?!](?=\s|$)")


def joined_fault(found: Found) -> Fault | None:
    """One fault of many: the first reason, all the words."""
    if not found:
        return None
    return Fault(found[0][0], "; ".join(dict.fromkeys(words for _, words in found)))


def spoken_faults(name: str, text: str, longest: int) -> Found:
    """Faults that any text may have: empty, too long, or it speaks of the item's making."""
    if not text:
        return [("text_malformed", f"{name} is empty")]
    if len(text) > longest:
        return [("text_malformed", f"{name} is longer than {longest} characters")]
    words = dict.fromkeys(m.group() for m in FORBIDDEN.finditer(text))
    return [("forbidden_words", f"{name} says {w!r}") for w in words]


def rationale_faults(text: str) -> Found:
    """One sentence, that ends."""
    found = spoken_faults("the rationale", text, LONGEST["rationale"])
    if text and (text[-1] not in ".!" or sentences(text) > SENTENCES):
        found.append(("text_malformed", "the rationale must be one sentence with a full stop"))
    return found


def sentences(text: str) -> int:
    """Marks that end one. A decimal point ends none."""
    return max(1, len(_END.findall(text)))


def numbers(text: str) -> list[str]:
    """Numbers standing alone, as written, in order: "T2" and "B12" hold none."""
    return _NUMBER.findall(text)
