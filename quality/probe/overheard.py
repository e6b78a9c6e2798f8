"""What a model said, parted into all of its words and those that claim something."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from schemas.conversation import Conversation
from schemas.question import Question
from schemas.sentence import Sentence
from transforms.prompting.fault import Fault
from transforms.prompting.strict_json import parse_strict
from transforms.prompting.wrapping import unwrapped

UNCLAIMED = ("code", "options", "question", "user", "facts", "regions", "passages")
"""Keys of an answer whose texts claim nothing: wrong options are meant to be wrong, and who asks does
not say. Only the question that is answered with yes does.
"""


@dataclass(frozen=True)
class Overheard:
    """words: everything. claims: the part that says something of the image."""

    words: str = ""
    claims: str = ""

    def __add__(self, other: "Overheard") -> "Overheard":
        return Overheard(f"{self.words}\n{other.words}", f"{self.claims}\n{other.claims}")


def of_answer(text: str) -> Overheard:
    """Of a model's raw answer, thoughts and wrapping included; what is no JSON claims all that it says."""
    try:
        value = parse_strict(unwrapped(text)[0])
    except Fault:
        return Overheard(text, text)
    read = json.dumps(value, ensure_ascii=False)  # letters that the raw text has as escapes
    return Overheard(f"{text}\n{read}", "\n".join(_claims(value, yes=False)))


def _claims(value: Any, *, yes: bool) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, list):
        for part in value:
            yield from _claims(part, yes=yes)
    elif isinstance(value, dict):
        for key, part in value.items():
            if key not in UNCLAIMED or (key == "question" and yes):
                yield from _claims(part, yes=key == "yes")


def of_sentence(row: Sentence) -> Overheard:
    """A sentence claims all of itself."""
    return Overheard(row.text, row.text)


def of_question(row: Question) -> Overheard:
    """Key and reason are claims; so is the stem of an item whose key is yes."""
    claims = [row.answer, row.rationale or ""]
    if row.answer.strip().lower() == "yes":
        claims.append(row.question)
    return Overheard("\n".join([row.question, *row.options, *claims]), "\n".join(claims))


def of_conversation(row: Conversation) -> Overheard:
    """What the assistant says is claimed."""
    told = [turn.text for turn in row.turns if turn.role == "assistant"]
    return Overheard("\n".join(turn.text for turn in row.turns), "\n".join(told))
