"""Open items: the verifier answers in its own words, and the program compares."""

import re

from quality.gates.asked import YES_NO
from quality.gates.numbers import converted
from quality.reading.reader import read
from quality.rubric.bench import TEXT_LIMIT, Bench, no_answer, put
from quality.rubric.evidence import Evidence, evidence_of, row_schema
from quality.rubric.options import FLAG, GATE, PURPOSE
from quality.rubric.together import together
from schemas.question import Question
from schemas.verdict import Verdict
from transforms.prompting.answer_schema import words
from transforms.prompting.fence import clean

ANSWER_CHARS = 200
_ARTICLES = ("a", "an", "the")


async def answer_openly(
    bench: Bench, stem: str, *, sample: int = 0
) -> tuple[str, Evidence] | Verdict:
    """The verifier's own answer with its evidence; or the verdict that none came."""
    stem = clean(stem, TEXT_LIMIT)
    row = row_schema("own", bench.aliases, {"answer": words(1, ANSWER_CHARS)})
    reply = await put(
        bench, PURPOSE, "judge_open", {"own": row}, texts=[stem], data={"stem": stem}, sample=sample
    )
    if reply.value is None:
        return no_answer(GATE, reply)
    own = reply.value["own"]
    return clean(str(own["answer"]), ANSWER_CHARS), evidence_of(own, [stem], bench.aliases)


def same_by_rule(question: Question, said: str) -> bool | None:
    """Is what was said the answer? None where words would have to be understood.

    A measured answer is compared as a number, in its unit and within its tolerance; without a unit the
    stem's is meant. Yes and no are compared as such, other answers letter by letter but for case,
    articles and the final stop.
    """
    if question.answer_value is not None:
        return _measured(question, said)
    own, other = _plain(question.answer), _plain(said)
    if own in YES_NO:
        first = other.split(" ")[0].rstrip(",;:") if other else ""
        return YES_NO.get(first) is YES_NO[own]
    if own == other:
        return True
    numbers = [_numbers(text) for text in (question.answer, said)]
    return numbers[0] == numbers[1] if all(numbers) else None


def _measured(question: Question, said: str) -> bool:
    quantities = [c.quantity for c in read(said).claims if c.quantity is not None]
    if len(quantities) != 1 or quantities[0].shape != "single" or question.answer_value is None:
        return False
    quantity, unit = quantities[0], question.unit or ""
    plain = "" if unit == "1" else unit
    value = converted(quantity.values[0], quantity.unit or plain, plain)
    if unit == "1" and quantity.unit == "%":
        value = quantity.values[0] / 100
    slack = max(question.tolerance or 0.0, 1e-9 * abs(question.answer_value))
    return value is not None and abs(value - question.answer_value) <= slack


def _numbers(text: str) -> list[tuple[float, str | None]]:
    """Values and units of a text that says nothing but numbers, else []."""
    reading = read(text)
    if reading.unread or any(c.quantity is None for c in reading.claims):
        return []
    return [(v, c.quantity.unit) for c in reading.claims if c.quantity for v in c.quantity.values]


def _plain(text: str) -> str:
    bare = re.sub(r"[\"“”]", "", text).strip().rstrip(".").lower()
    return " ".join(w for w in bare.split() if w not in _ARTICLES)


async def same_meaning(bench: Bench, stem: str, answer: str, said: str) -> bool | str:
    """Do the two answers say the same, told in both orders? Else why it is not known."""
    pairs = [(answer, said), (said, answer)]
    found = await together(_same(bench, clean(stem, TEXT_LIMIT), *pair) for pair in pairs)
    if any(isinstance(f, str) for f in found):
        return next(f for f in found if isinstance(f, str))
    return bool(found[0]) if found[0] == found[1] else "otherwise in the other order"


async def _same(bench: Bench, stem: str, one: str, other: str) -> bool | str:
    """Which of the two is the key is not told."""
    data = {"stem": stem, "one": clean(one, ANSWER_CHARS), "other": clean(other, ANSWER_CHARS)}
    reply = await put(
        bench, PURPOSE, "judge_same", {"same": FLAG}, texts=list(data.values()), data=data
    )
    if reply.value is None:
        return reply.fault.reason if reply.fault else "no answer"
    return bool(reply.value["same"])


async def judge_open(bench: Bench, question: Question) -> Verdict:
    """The gate `rubric_answer` of an open item: does the verifier come to the keyed answer by itself?"""
    own = await answer_openly(bench, question.question)
    if isinstance(own, Verdict):
        return own
    said, evidence = own
    told = f"{said!r}: {evidence}"
    if evidence.void:
        void = f"{told}; void: {evidence.void}"
        return Verdict(GATE, False, void, question.answer, "verifier_undecided")
    same: bool | str | None = same_by_rule(question, said)
    if same is None:
        same = await same_meaning(bench, question.question, question.answer, said)
    if isinstance(same, str):
        return Verdict(GATE, False, f"{told}; {same}", question.answer, "verifier_undecided")
    reason = None if same else "verifier_contradicts"
    return Verdict(GATE, same, told, question.answer, reason)
