"""verify: every word against the facts, then before the verifier. What fails is a reject with its reason."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from pipelines.models.doors import Doors, run_asking
from pipelines.phases.judge import Judge, Verdicts
from pipelines.phases.judging import judging_of, showing_of
from pipelines.phases.rows import DESCRIBED, VERIFIED, iter_rows, read_table
from pipelines.phases.sheets import sheets
from pipelines.phases.views import views
from pipelines.phases.words import Written, said, told, traffic, written_of
from pipelines.task import Outcome, Step, Task
from quality.rubric.together import together
from schemas.conform import plain, to_table
from schemas.conversation import Conversation
from schemas.exchange import EXCHANGE
from schemas.ids import content_id
from schemas.question import Question
from schemas.reject import Reject
from schemas.sentence import Sentence
from schemas.verdict import Verdict
from transforms.sheet import FactSheet
from transforms.showing.view import View
from transforms.words.lean import standing

LEANING = Verdict(
    "standing", False, "a pronoun", "the sentence before it passes", "antecedent_lost"
)
"""Of a sentence whose "it" would come to mean something else, as the sentence before was rejected."""

Row = dict[str, Any]


def run(task: Task, step: Step) -> Outcome:
    """Judge the words of every image of the shard.

    options: {} for the deterministic gates alone, else pipelines.models.options.judging.
    """
    written = {
        row["id"]: written_of(row)
        for row in iter_rows(read_table(task, "describe", task.shard, "described", DESCRIBED.names))
    }
    judge_of = judging_of(task, step)

    async def judge(doors: Doors, given: tuple[View, bytes]) -> tuple[Row, list[Reject]]:
        view, png = given
        return await judged(view, written[view.sheet.image.id], judge_of(doors), png)

    made, exchanges = run_asking(task, step.where, _views(task, step, written), judge)
    sizes = _png_bytes(task)
    rows = [row | {"png_bytes": sizes[row["id"]]} for row, _ in made]
    kinds = ("sentences", "questions", "conversations")
    counts = {"images": len(rows)} | {kind: sum(len(r[kind]) for r in rows) for kind in kinds}
    tables = {"verified": to_table(rows, VERIFIED), "exchanges": to_table(exchanges, EXCHANGE)}
    return Outcome(tables, [r for _, lost in made for r in lost], counts | traffic(exchanges))


def _views(task: Task, step: Step, written: dict[str, Written]) -> Iterator[tuple[View, bytes]]:
    """What the judge is shown. Gates alone read no pixels, and then none are read."""
    if not step.options.get("verifying"):
        for sheet in sheets(task):
            yield View(sheet, tuple(written[sheet.image.id].passages)), b""
        return
    yield from views(task, lambda sheet: written[sheet.image.id].passages, showing_of(step))


def _png_bytes(task: Task) -> dict[str, int]:
    table = read_table(task, "ground", task.shard, "grounded", ["id", "png_bytes"])
    return {row["id"]: row["png_bytes"] for row in iter_rows(table)}


async def judged(view: View, words: Written, judge: Judge, png: bytes) -> tuple[Row, list[Reject]]:
    """The words of one image that pass, with their verdicts, and a reject for every other one."""
    sentences, questions, talks = await together(
        [
            judge.sentences(view, words.sentences, words.passages),
            judge.questions(view, words.questions, png),
            judge.conversations(view, words.conversations, words.passages),
        ]
    )
    kept, verdicts, lost = keep_sentences(view.sheet, words.sentences, sentences)
    asked, asked_verdicts, lost_questions = keep_questions(view.sheet, words.questions, questions)
    talked, talk_verdicts, lost_talks = keep_conversations(view.sheet, words.conversations, talks)
    used = {id for s in kept for id in s.passage_ids}
    used |= {id for q in asked for id in q.passage_ids}
    used |= {id for c in talked for turn in c.turns for id in turn.passage_ids}
    row = {
        "id": view.sheet.image.id,
        "split": view.sheet.image.split,
        "sentences": plain(kept),
        "passages": plain([p for p in words.passages if p.id in used]),
        "verdicts": plain(verdicts),
        "questions": plain(asked),
        "question_verdicts": plain(asked_verdicts),
        "conversations": plain(talked),
        "conversation_verdicts": plain(talk_verdicts),
    }
    return row, lost + lost_questions + lost_talks


def keep_sentences(
    sheet: FactSheet, sentences: list[Sentence], marks: Verdicts
) -> tuple[list[Sentence], list[Verdict], list[Reject]]:
    """The sentences that pass every gate and still stand alone; one verdict a gate over them; rejects."""
    failed = [next((v for v in verdicts if not v.passed), None) for verdicts in marks]
    stands = standing(sentences, [verdict is None for verdict in failed])
    kept, verdicts, rejects = [], [], []
    for sentence, mark, bad, stays in zip(sentences, marks, failed, stands, strict=True):
        if stays:
            kept.append(sentence)
            verdicts.append(mark)
        else:
            bad = bad or LEANING
            id = content_id("sen", sheet.image.id, sentence.text)
            rejects.append(_reject(sheet, id, bad, "sentence", sentence.text))
    return kept, summed_up(verdicts), rejects


def keep_questions(
    sheet: FactSheet, questions: list[Question], marks: Verdicts
) -> tuple[list[Question], Verdicts, list[Reject]]:
    """The questions that pass every gate, with their verdicts. A yes/no item falls with its twin."""
    judged = dict(zip((q.id for q in questions), marks, strict=True))
    bad = {id: next((v for v in marks if not v.passed), None) for id, marks in judged.items()}
    rejects = []
    kept = []
    for question in questions:
        verdict = bad[question.id]
        if (
            verdict is None
            and question.twin_id is not None
            and bad.get(question.twin_id) is not None
        ):
            verdict = Verdict("twin", False, question.twin_id, "twin passes", "twin_missing")
        if verdict is None:
            kept.append(question)
        else:
            rejects.append(_reject(sheet, question.id, verdict, "question", told(question)))
    return kept, [judged[q.id] for q in kept], rejects


def keep_conversations(
    sheet: FactSheet, conversations: list[Conversation], marks: Verdicts
) -> tuple[list[Conversation], Verdicts, list[Reject]]:
    """The conversations that pass as a whole: later turns lean on earlier ones, so none is cut."""
    kept, verdicts, rejects = [], [], []
    for conversation, mark in zip(conversations, marks, strict=True):
        bad = next((v for v in mark if not v.passed), None)
        if bad is None:
            kept.append(conversation)
            verdicts.append(mark)
        else:
            rejects.append(_reject(sheet, conversation.id, bad, "conversation", said(conversation)))
    return kept, verdicts, rejects


def summed_up(judged: Verdicts) -> list[Verdict]:
    """One passed verdict a gate, `measured` telling over how many sentences."""
    seen: dict[str, int] = {}
    first: dict[str, Verdict] = {}
    for marks in judged:
        for verdict in marks:
            seen[verdict.gate] = seen.get(verdict.gate, 0) + 1
            first.setdefault(verdict.gate, verdict)
    return [
        replace(first[gate], measured=f"{count} sentences") for gate, count in sorted(seen.items())
    ]


def _reject(sheet: FactSheet, id: str, verdict: Verdict, scope: str, text: str) -> Reject:
    detail = f"{text!r}: found {verdict.measured}, allowed {verdict.limit}"
    return Reject(
        id, sheet.image.source, sheet.image.item, "verify", verdict.gate,
        verdict.reason or "text_malformed", detail, 1, scope,
    )  # fmt: skip
