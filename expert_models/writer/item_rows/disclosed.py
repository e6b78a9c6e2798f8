"""Does a user's turn say what the assistant has yet to answer?"""

from collections.abc import Iterable, Sequence

from expert_models.writer.item_rows.faults import Found, numbers
from expert_models.writer.item_rows.stem import said_in
from expert_models.writer.item_rows.terms import ways_to_say
from expert_models.writer.items_order import Step
from schemas.fact import Fact

SECRET = ("modality", "plane", "view", "sequence", "stain", "anatomy", "finding", "label", "position",
          "brightness", "homogeneity", "outline", "shape")  # fmt: skip
"""Kinds of fact whose value is an answer. A side is one only in words of the patient's side."""


def undisclosed(text: str, said: str, steps: Sequence[Step]) -> Found:
    """Values of facts, and numbers, that stand in `text` before an assistant has told them.

    said: all turns before. steps: this one and those to come. What is known to be absent must be
    named to be asked for.
    """
    early = [
        words
        for step in steps
        for fact in step.facts
        for words in _ways(fact)
        if said_in(words, text) and not _told(fact, said)
    ]
    early += [n for n in numbers(text) if n not in numbers(said)]
    distinct = list(dict.fromkeys(early))
    return [("answer_in_stem", f"the user says {w!r} before it is told") for w in distinct]


def _told(fact: Fact, said: str) -> bool:
    return any(said_in(words, said) for words in _ways(fact))


def _ways(fact: Fact) -> Iterable[str]:
    value = fact.value or ""
    if fact.polarity == "absent" or not value:
        return ()
    if fact.kind in ("side", "image_side"):
        return (f"{value} side", f"patient's {value}")
    if fact.kind == "position" and value == "center":
        return ("in the center", "centrally")  # "where does its center lie?" tells nothing
    return ways_to_say(value) if fact.kind in SECRET else ()
