"""Judging words in order of cost: deterministic gates, then the rubric verifier, then blind tests."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from pipelines.phases.judge import Judge, Verdicts
from quality.rubric.blind import Blinds, blind_tests
from quality.rubric.choice import VerifyingChoice
from quality.rubric.conversations import rate_conversation
from quality.rubric.questions import rate_question
from quality.rubric.sentences import rate_sentences
from quality.rubric.settle import hopeless, settled
from quality.rubric.together import together
from schemas.conversation import Conversation
from schemas.exchange import Ask
from schemas.passage import Passage
from schemas.question import Question
from schemas.sentence import Sentence
from schemas.verdict import Verdict
from transforms.showing.view import View

Blinding = Callable[[View, bytes], Blinds]
"""The pictures of the blind tests of one image; the bytes are its released PNG."""


@dataclass(frozen=True)
class ModelJudge(Judge):
    """Gates first; what a gate refutes is not shown to the verifier, nor paid for."""

    choice: VerifyingChoice
    ask: Ask
    blinding: Blinding

    async def sentences(
        self, view: View, sentences: Sequence[Sentence], passages: Sequence[Passage]
    ) -> Verdicts:
        marks = await super().sentences(view, sentences, passages)
        if not self.choice.sentences:
            return marks
        open_ones = [s for s, m in zip(sentences, marks, strict=True) if not hopeless(m)]
        rated = iter(await rate_sentences(view, open_ones, self.ask, self.choice))
        return [m if hopeless(m) else settled(m, next(rated)) for m in marks]

    async def questions(self, view: View, questions: Sequence[Question], png: bytes) -> Verdicts:
        marks = await super().questions(view, questions, png)
        if not self.choice.questions:
            return marks
        known = {q.id: q for q in questions}
        pairs = zip(questions, marks, strict=True)
        return await together(
            self._question(view, q, known.get(q.twin_id or ""), mark, png) for q, mark in pairs
        )

    async def _question(
        self,
        view: View,
        question: Question,
        twin: Question | None,
        marks: list[Verdict],
        png: bytes,
    ) -> list[Verdict]:
        if hopeless(marks):
            return marks
        rated = await rate_question(view, question, self.ask, self.choice, twin=twin)
        both = settled(marks, rated)
        if any(not v.passed for v in both):
            return both
        blinds = self.blinding(view, png)
        tests = await blind_tests(view, question, self.ask, self.choice, blinds, twin=twin)
        return [*both, *tests]

    async def conversations(
        self, view: View, conversations: Sequence[Conversation], passages: Sequence[Passage]
    ) -> Verdicts:
        marks = await super().conversations(view, conversations, passages)
        if not self.choice.conversations:
            return marks
        pairs = zip(conversations, marks, strict=True)
        return await together(self._conversation(view, c, mark) for c, mark in pairs)

    async def _conversation(
        self, view: View, conversation: Conversation, marks: list[Verdict]
    ) -> list[Verdict]:
        if hopeless(marks):
            return marks
        return settled(marks, await rate_conversation(view, conversation, self.ask, self.choice))
