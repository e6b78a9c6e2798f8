"""Writing with a model: write, judge, rewrite what failed, a bounded number of times; keep every attempt."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import TypeVar

from expert_models.writer.choice import WritingChoice
from expert_models.writer.describe import describe
from expert_models.writer.draft import Draft, DraftFault, Rejected
from expert_models.writer.items import write_items
from pipelines.phases.judge import Judge
from pipelines.phases.words import said, told
from quality.gates.rationale import GATE as RATIONALE
from quality.judging import judge_questions
from quality.rubric.together import together
from schemas.conversation import Conversation
from schemas.exchange import Ask
from schemas.question import Question
from schemas.sentence import ATTRIBUTES, Sentence
from schemas.verdict import Verdict
from transforms.showing.view import View


@dataclass(frozen=True)
class Attempt:
    """One draft that did not pass, and why. `scope`: sentence, question or conversation."""

    image_id: str
    scope: str
    attempt: int  # from 1
    text: str
    gate: str
    reason: str
    detail: str


@dataclass
class Composed:
    """What was written of one image: final words, passed or not, and every earlier attempt."""

    sentences: list[Sentence] = field(default_factory=list)
    questions: list[Question] = field(default_factory=list)
    conversations: list[Conversation] = field(default_factory=list)
    attempts: list[Attempt] = field(default_factory=list)
    faults: list[tuple[int, DraftFault]] = field(default_factory=list)  # with the attempt, from 1


Words = TypeVar("Words")


async def compose(
    view: View, png: bytes, ask: Ask, judge: Judge, choice: WritingChoice
) -> Composed:
    """Description and items of one image; the two go on side by side."""
    described, asked = await together(
        [_description(view, ask, judge, choice), _items(view, png, ask, judge, choice)]
    )
    return Composed(
        described.sentences,
        asked.questions,
        asked.conversations,
        described.attempts + asked.attempts,
        described.faults + asked.faults,
    )


async def _description(view: View, ask: Ask, judge: Judge, choice: WritingChoice) -> Composed:
    made = Composed()
    if not choice.describe:
        return made
    kept: list[Sentence] = []
    failed: list[tuple[Sentence, Verdict]] = []
    rejected: list[Rejected] = []
    for attempt in range(1, choice.rewrites + 2):
        draft = await describe(view, ask, choice, rejected=rejected)
        made.faults += [(attempt, fault) for fault in draft.faults]
        made.attempts += [_attempt(view, "sentence", attempt - 1, s.text, v) for s, v in failed]
        known = {k.text for k in kept}
        fresh = _in_order([s for s in draft.sentences if s.text not in known])
        marks = await judge.sentences(view, fresh, view.passages)
        good, failed = _parted(fresh, marks)
        kept += good
        if not failed:
            break
        rejected = [_rejected(s.text, verdict) for s, verdict in failed]
    made.sentences = _in_order([*kept, *(s for s, _ in failed)])
    return made


async def _items(view: View, png: bytes, ask: Ask, judge: Judge, choice: WritingChoice) -> Composed:
    made = Composed()
    failed_questions: list[tuple[Question, Verdict]] = []
    failed_talks: list[tuple[Conversation, Verdict]] = []
    rejected: list[Rejected] = []
    for attempt in range(1, choice.rewrites + 2):
        draft: Draft = await write_items(view, ask, choice, rejected=rejected)
        made.faults += [(attempt, fault) for fault in draft.faults]
        before = attempt - 1
        made.attempts += [
            _attempt(view, "question", before, told(q), v) for q, v in failed_questions
        ]
        made.attempts += [
            _attempt(view, "conversation", before, said(c), v) for c, v in failed_talks
        ]
        questions = _without_bad_reasons(view, _new(draft.questions, made.questions))
        talks = _new(draft.conversations, made.conversations)
        marks, talk_marks = await together(
            [
                judge.questions(view, questions, png),
                judge.conversations(view, talks, view.passages),
            ]
        )
        good, failed_questions = _with_twins(*_parted(questions, marks))
        good_talks, failed_talks = _parted(talks, talk_marks)
        made.questions += good
        made.conversations += good_talks
        rejected += [_rejected(told(q), v) for q, v in failed_questions]
        rejected += [_rejected(said(c), v) for c, v in failed_talks]
        if not (failed_questions or failed_talks):
            break
    made.questions += [q for q, _ in failed_questions]
    made.conversations += [c for c, _ in failed_talks]
    return made


def _parted(
    words: Sequence[Words], marks: Sequence[Sequence[Verdict]]
) -> tuple[list[Words], list[tuple[Words, Verdict]]]:
    """Those that passed every gate, and the others with the first gate they failed."""
    good, failed = [], []
    for each, verdicts in zip(words, marks, strict=True):
        bad = next((v for v in verdicts if not v.passed), None)
        if bad is None:
            good.append(each)
        else:
            failed.append((each, bad))
    return good, failed


def _without_bad_reasons(view: View, questions: list[Question]) -> list[Question]:
    """A good item is not lost for a bad reason given with it: the reason alone is left out."""
    others = [other.sheet for other in view.others]
    marks = judge_questions(view.sheet, questions, others=others)
    bad = [any(v.gate == RATIONALE and not v.passed for v in verdicts) for verdicts in marks]
    return [
        replace(question, rationale=None) if drop else question
        for question, drop in zip(questions, bad, strict=True)
    ]


def _with_twins(
    good: list[Question], failed: list[tuple[Question, Verdict]]
) -> tuple[list[Question], list[tuple[Question, Verdict]]]:
    """A twin whose partner failed fails with it, for the partner's reason."""
    why = {q.id: verdict for q, verdict in failed}
    stays = [q for q in good if q.twin_id not in why]
    return stays, [*failed, *((q, why[q.twin_id]) for q in good if q.twin_id in why)]


def _new(drafted: list, known: list) -> list:  # type: ignore[type-arg]
    """Drafted rows whose id is not there yet: a rewrite may come back as it was."""
    seen = {each.id for each in known}
    fresh = []
    for each in drafted:
        if each.id not in seen:
            seen.add(each.id)
            fresh.append(each)
    return fresh


def _in_order(sentences: list[Sentence]) -> list[Sentence]:
    """By attribute, as a description is read; within one attribute as written."""
    return sorted(sentences, key=lambda s: ATTRIBUTES.index(s.attribute))


def _rejected(text: str, verdict: Verdict) -> Rejected:
    detail = f"found {verdict.measured}, allowed {verdict.limit}"
    return Rejected(text, verdict.reason or "text_malformed", detail)


def _attempt(view: View, scope: str, number: int, text: str, verdict: Verdict) -> Attempt:
    detail = f"found {verdict.measured}, allowed {verdict.limit}"
    reason = verdict.reason or "text_malformed"
    return Attempt(view.sheet.image.id, scope, number, text, verdict.gate, reason, detail)
