"""verify: every sentence and question against the facts. What fails is a reject, with the gate's reason."""

from dataclasses import replace
from typing import Any

from pipelines.phases.rows import DESCRIBED, VERIFIED, iter_rows, read_table
from pipelines.phases.sheets import sheets
from pipelines.task import Outcome, Step, Task
from quality.judging import judge_questions, judge_sentences
from schemas.conform import plain, to_table
from schemas.ids import content_id
from schemas.passage import Passage
from schemas.question import Question
from schemas.reject import Reject
from schemas.sentence import Sentence
from schemas.verdict import Verdict
from transforms.sheet import FactSheet
from transforms.words.lean import standing

LEANING = Verdict(
    "standing", False, "a pronoun", "the sentence before it passes", "antecedent_lost"
)
"""Of a sentence whose "it" would come to mean something else, as the sentence before was rejected."""


def run(task: Task, step: Step) -> Outcome:
    """Judge the words of every image of the shard."""
    described = {
        row["id"]: row
        for row in iter_rows(read_table(task, "describe", task.shard, "described", DESCRIBED.names))
    }
    sizes = {
        row["id"]: row["png_bytes"]
        for row in iter_rows(
            read_table(task, "ground", task.shard, "grounded", ["id", "png_bytes"])
        )
    }
    rows: list[dict[str, Any]] = []
    rejects: list[Reject] = []
    for sheet in sheets(task):
        words = described[sheet.image.id]
        passages = [Passage(**p) for p in words["passages"]]
        sentences = [Sentence(**s) for s in words["sentences"]]
        questions = [Question(**q) for q in words["questions"]]
        kept, verdicts, lost = verify_sentences(sheet, sentences, passages)
        asked, asked_verdicts, lost_questions = verify_questions(sheet, questions)
        rejects += lost + lost_questions
        used = {id for s in kept for id in s.passage_ids}
        rows.append(
            {
                "id": sheet.image.id,
                "split": sheet.image.split,
                "png_bytes": sizes[sheet.image.id],
                "sentences": plain(kept),
                "passages": plain([p for p in passages if p.id in used]),
                "verdicts": plain(verdicts),
                "questions": plain(asked),
                "question_verdicts": plain(asked_verdicts),
            }
        )
    counts = {
        "images": len(rows),
        "sentences": sum(len(r["sentences"]) for r in rows),
        "questions": sum(len(r["questions"]) for r in rows),
    }
    return Outcome({"verified": to_table(rows, VERIFIED)}, rejects, counts)


def verify_sentences(
    sheet: FactSheet, sentences: list[Sentence], passages: list[Passage]
) -> tuple[list[Sentence], list[Verdict], list[Reject]]:
    """The sentences that pass every gate and still stand alone; one verdict a gate over them; rejects."""
    judged = judge_sentences(sheet, sentences, passages)
    failed = [next((v for v in marks if not v.passed), None) for marks in judged]
    stands = standing(sentences, [verdict is None for verdict in failed])
    kept, verdicts, rejects = [], [], []
    for sentence, marks, bad, stays in zip(sentences, judged, failed, stands, strict=True):
        if stays:
            kept.append(sentence)
            verdicts.append(marks)
        else:
            bad = bad or LEANING
            id = content_id("sen", sheet.image.id, sentence.text)
            rejects.append(_reject(sheet, id, bad, "sentence", sentence.text))
    return kept, summed_up(verdicts), rejects


def verify_questions(
    sheet: FactSheet, questions: list[Question]
) -> tuple[list[Question], list[list[Verdict]], list[Reject]]:
    """The questions that pass every gate, with their verdicts. A yes/no item falls with its twin."""
    judged = dict(zip((q.id for q in questions), judge_questions(sheet, questions), strict=True))
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
            text = f"{question.question} [{question.answer}]"
            rejects.append(_reject(sheet, question.id, verdict, "question", text))
    return kept, [judged[q.id] for q in kept], rejects


def summed_up(judged: list[list[Verdict]]) -> list[Verdict]:
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
