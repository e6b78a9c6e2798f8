"""Draft: what a model wrote of one image, and what it failed to write. Judging comes later."""

from dataclasses import dataclass, field

from schemas.conversation import Conversation
from schemas.question import Question
from schemas.sentence import Sentence


@dataclass(frozen=True)
class DraftFault:
    """Something asked for that did not come.

    scope: "description" or "item" where the whole answer is lost, "sentence 3" where a row of it is.
    reason: a code of schemas.reasons. text: the row as the model wrote it, "" where there is none.
    tries: requests made for the answer it belongs to.
    """

    scope: str
    reason: str
    detail: str
    tries: int
    text: str = ""


@dataclass(frozen=True)
class Rejected:
    """A text of an earlier attempt that was refused: it is shown to the model with the reason."""

    text: str
    reason: str
    detail: str


@dataclass
class Draft:
    """Rows with their ids resolved, and the faults. tries, wrapped: as in `Reply`, summed."""

    sentences: list[Sentence] = field(default_factory=list)
    questions: list[Question] = field(default_factory=list)
    conversations: list[Conversation] = field(default_factory=list)
    faults: list[DraftFault] = field(default_factory=list)
    tries: int = 0
    wrapped: int = 0
