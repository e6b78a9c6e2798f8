"""The words of one image as describe left them, read back for judging, and told in one line."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from schemas.conversation import Conversation, Turn
from schemas.passage import Passage
from schemas.question import Question
from schemas.sentence import Sentence


@dataclass(frozen=True)
class Written:
    """Words to be judged, and the passages that were at hand when they were written."""

    sentences: list[Sentence]
    questions: list[Question]
    conversations: list[Conversation]
    passages: list[Passage]


def written_of(row: dict[str, Any]) -> Written:
    """From a row of pipelines.phases.rows.DESCRIBED."""
    return Written(
        [Sentence(**s) for s in row["sentences"]],
        [Question(**q) for q in row["questions"]],
        [_conversation(c) for c in row["conversations"]],
        [Passage(**p) for p in row["passages"]],
    )


def _conversation(values: dict[str, Any]) -> Conversation:
    turns = [Turn(**turn) for turn in values["turns"]]
    return Conversation(values["id"], values["image_id"], turns)


def traffic(exchanges: Sequence[dict[str, Any]]) -> dict[str, int]:
    """Counts for the log: requests that a model was asked, and those that the store answered."""
    cached = sum(bool(row["cached"]) for row in exchanges)
    return {"asked": len(exchanges) - cached, "cached": cached}


def told(question: Question) -> str:
    """A question in one line, for rejects and rewriting."""
    options = " | ".join(question.options)
    return (
        f"{question.question} [{options}] [{question.answer}]"
        if options
        else (f"{question.question} [{question.answer}]")
    )


def said(conversation: Conversation) -> str:
    """A conversation in one line, for rejects and rewriting."""
    return " / ".join(f"{turn.role}: {turn.text}" for turn in conversation.turns)
