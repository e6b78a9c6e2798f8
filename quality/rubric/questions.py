"""One question before the verifier: it answers first, then judges by the rubric, and code adds up.

In the order of cost. The item is answered without its key (`options`, `open_answers`); where that does
not give the key, nothing more is asked. Only then is the key shown and the rubric put. The writer's
reasons are never shown with the item: where they are to be released they are judged apart, as a text.
"""

from dataclasses import replace
from typing import Any

from quality.gates.asked import YES_NO
from quality.rubric.bench import TEXT_LIMIT, Bench, no_answer, put, repeat_verdict
from quality.rubric.choice import VerifyingChoice
from quality.rubric.craft import flaws, kind_of
from quality.rubric.criteria import Criterion, criteria_of
from quality.rubric.evidence import evidence_of, row_schema
from quality.rubric.open_answers import judge_open
from quality.rubric.options import FLAG, GATE, LETTERS, PURPOSE, choose, judge_choice
from quality.rubric.score import Mark, named, score, unmet_essentials
from quality.rubric.sentences import judge_texts
from quality.rubric.together import together
from schemas.exchange import Ask
from schemas.question import Question
from schemas.verdict import Verdict
from transforms.prompting.answer_schema import record
from transforms.prompting.fence import clean
from transforms.showing.view import View

POLAR = ("yes", "no")
ESSENTIAL, SCORE, RATIONALE, TWIN = (
    "rubric_essential",
    "rubric_score",
    "rubric_rationale",
    "rubric_twin",
)


async def rate_question(
    view: View,
    question: Question,
    ask: Ask,
    choice: VerifyingChoice,
    *,
    twin: Question | None = None,
) -> list[Verdict]:
    """The verdicts of the verifier on one question; of its images only those it names are shown.

    rubric_answer     the verifier, which is not told the key, comes to it, in every order of the options
    rubric_twin       and to the opposite answer of the twin, where one is given
    rubric_essential  the seven essential gates
    rubric_rationale  the reason given with the key is supported, where there is one
    rubric_score      the rubric score, against the recipe's threshold
    rubric_repeat     for a keyed slice: what a second asking gave

    Where the first or second fails, the rest is not asked. Exceptions of `ask` pass through. Raises
    ValueError where an image of the question is not in the view.
    """
    bench = bench_of(view, question, ask, choice)
    firsts = [_answered(bench, question)]
    if twin is not None and kind_of(question) == "yes_no":
        firsts.append(_twin(bench_of(view, twin, ask, choice), twin))
    verdicts = await together(firsts)
    if all(v.passed for v in verdicts):
        verdicts += await _by_rubric(bench, question)
    return verdicts


def bench_of(view: View, question: Question, ask: Ask, choice: VerifyingChoice) -> Bench:
    """The bench of one question: its own images, and all that it rests on."""
    known = {v.sheet.image.id: v for v in view.others}
    missing = [i for i in question.more_image_ids if i not in known]
    if missing:
        raise ValueError(f"question {question.id}: image {missing[0]} is not in the view")
    shown = replace(view, others=tuple(known[i] for i in question.more_image_ids))
    keep = (*question.region_ids, *question.fact_ids, *question.passage_ids)
    return Bench(shown, ask, choice, question.id, keep)


async def _answered(bench: Bench, question: Question) -> Verdict:
    kind = kind_of(question)
    if kind == "open":
        return await judge_open(bench, question)
    options = question.options or list(POLAR)
    key = _key(question, options)
    if key is None or len(options) > len(LETTERS):
        return Verdict(GATE, False, "no option is the answer", question.answer, "verifier_failed")
    chosen = await choose(bench, question.question, options)
    return chosen if isinstance(chosen, Verdict) else judge_choice(chosen, options, key)


def _key(question: Question, options: list[str]) -> int | None:
    if question.options:
        at = question.answer_index
        return at if at is not None and 0 <= at < len(options) else None
    said = YES_NO.get(question.answer.strip().lower())
    return None if said is None else POLAR.index("yes" if said else "no")


async def _twin(bench: Bench, twin: Question) -> Verdict:
    """The twin, answered as the item is. Twins have opposite keys, so each must be met."""
    verdict = await _answered(bench, twin)
    reason = None if verdict.passed else verdict.reason
    if verdict.reason == "verifier_contradicts":
        reason = "verifier_inconsistent"  # it said the same of both
    return replace(verdict, gate=TWIN, reason=reason)


async def _by_rubric(bench: Bench, question: Question) -> list[Verdict]:
    """The criteria, the reason given, and for a keyed slice the criteria once more."""
    asked: list[Any] = [_marks(bench, question, n) for n in range(1 + bench.repeated)]
    if question.rationale:
        asked.append(judge_texts(bench, [question.rationale]))
    first, *rest = await together(asked)
    verdicts = [] if not question.rationale else [_of_rationale(rest.pop())]
    if isinstance(first, Verdict):
        return [*verdicts, first]
    verdicts = [_essential(first), *verdicts, _scored(first, bench.choice)]
    return verdicts + [_repeat(first, again) for again in rest]


def _of_rationale(judged: Any) -> Verdict:
    if isinstance(judged, Verdict):
        return replace(judged, gate=RATIONALE)
    verdict: Verdict = judged[0].verdict(RATIONALE)
    return verdict


async def _marks(bench: Bench, question: Question, sample: int) -> list[Mark] | Verdict:
    """Every criterion that applies, decided."""
    criteria = criteria_of(kind_of(question))
    asked = [c for c in criteria if c.by == "model"]
    shown = _shown(question)
    texts = [shown["stem"], shown["answer"], *(text for _, text in shown["options"])]
    rows = {c.name: row_schema(c.name, bench.aliases, {"met": FLAG}) for c in asked}
    reply = await put(
        bench, PURPOSE, PURPOSE, {"criteria": record("criteria", rows)}, texts=texts,
        data=shown | {"criteria": [[c.name, c.ask] for c in asked]}, sample=sample,
    )  # fmt: skip
    if reply.value is None:
        return no_answer(SCORE, reply)
    said, found = reply.value["criteria"], _found(question)
    return [
        _mark(bench, c, said[c.name], texts)
        if c.by == "model" and c.name not in found
        else Mark(c, c.name not in found, found.get(c.name, ""))
        for c in criteria
    ]


def _found(question: Question) -> dict[str, str]:
    """Criterion -> fault, for all that needs no model. What follows from the verifier's own answers is
    met: only items that it answered with the key and nothing else come here."""
    found = flaws(question)
    words = found.get("no_forbidden_terms")
    return found | ({"vocabulary": words} if words else {})


def _shown(question: Question) -> dict[str, Any]:
    """The item as the prompt shows it, with its key and without its reasons."""
    options = [clean(o, TEXT_LIMIT) for o in question.options]
    at = question.answer_index
    return {
        "stem": clean(question.question, TEXT_LIMIT),
        "options": [[LETTERS[n], text] for n, text in enumerate(options)],
        "answer": clean(question.answer, TEXT_LIMIT),
        "letter": LETTERS[at] if options and at is not None else "",
    }


def _mark(bench: Bench, criterion: Criterion, row: dict[str, Any], texts: list[str]) -> Mark:
    evidence = evidence_of(row, texts, bench.aliases)
    if evidence.void:
        return Mark(criterion, False, f"void: {evidence.void}")
    return Mark(criterion, bool(row["met"]), "" if row["met"] else str(evidence))


def _essential(marks: list[Mark]) -> Verdict:
    unmet = unmet_essentials(marks)
    told = named(unmet) or f"{sum(m.criterion.category == 'essential' for m in marks)} met"
    return Verdict(ESSENTIAL, not unmet, told, "all", "essential_gate" if unmet else None)


def _scored(marks: list[Mark], choice: VerifyingChoice) -> Verdict:
    total = score(marks, choice.scoring)
    missed = named([m for m in marks if not m.met])
    told = f"{total:.4f}" + (f"; not met: {missed}" if missed else "")
    passed = total >= choice.threshold
    reason = None if passed else "score_below_threshold"
    return Verdict(SCORE, passed, told, f"{choice.threshold:g} ({choice.scoring})", reason)


def _repeat(first: list[Mark], again: list[Mark] | Verdict) -> Verdict:
    now = None if isinstance(again, Verdict) else _met(again)
    return repeat_verdict(_met(first), now)


def _met(marks: list[Mark]) -> str:
    return " ".join(m.criterion.name for m in marks if m.met and m.criterion.by == "model")
