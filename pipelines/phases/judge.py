"""Judging words by the deterministic gates alone: what reads no pixels and asks nobody."""

from collections.abc import Sequence

from quality.gates.conversations import judge_conversations
from quality.judging import judge_questions, judge_sentences
from schemas.conversation import Conversation
from schemas.passage import Passage
from schemas.question import Question
from schemas.sentence import Sentence
from schemas.verdict import Verdict
from transforms.showing.view import View

Verdicts = list[list[Verdict]]


class Judge:
    """Verdicts of the gates. What they cannot decide stays refused: there is nobody else to ask."""

    async def sentences(
        self, view: View, sentences: Sequence[Sentence], passages: Sequence[Passage]
    ) -> Verdicts:
        """One verdict of every gate for each sentence."""
        return judge_sentences(view.sheet, sentences, passages)

    async def questions(self, view: View, questions: Sequence[Question], png: bytes) -> Verdicts:
        """One verdict of every gate for each question of one image."""
        return judge_questions(view.sheet, questions, others=[v.sheet for v in view.others])

    async def conversations(
        self, view: View, conversations: Sequence[Conversation], passages: Sequence[Passage]
    ) -> Verdicts:
        """Verdicts of each conversation: of its form, and of its turns as sentences."""
        return judge_conversations(view.sheet, conversations, passages)
