"""The reason given for a key is itself a sentence, and is judged as one."""

from collections.abc import Callable

from quality.gates import (
    appearance,
    candidate,
    count,
    finding,
    modality,
    negation,
    number,
    organ,
    origin,
    plane,
    position,
    region,
    relation,
    side,
)  # fmt: skip
from quality.gates.asked import QuestionCase
from quality.gates.case import Case
from quality.gates.verdicts import judged
from schemas.sentence import Sentence
from schemas.verdict import Verdict

GATE = "rationale"
_GATES: tuple[Callable[[Case], Verdict], ...] = (
    modality.judge, plane.judge, candidate.judge, organ.judge, finding.judge, negation.judge, count.judge, position.judge,
    side.judge, number.judge, appearance.judge, relation.judge, region.judge,
    origin.judge,
)  # fmt: skip


def judge_rationale(case: QuestionCase) -> Verdict:
    """The rationale passes the gates of sentences; the reason is that of the first it fails."""
    question = case.question
    if not question.rationale:
        return judged(GATE, (), "key_wrong", measured="none given")
    spoken = Sentence(question.rationale, "rationale", question.region_ids, question.fact_ids)
    trial = Case(case.world, spoken, {}, question.rationale)
    for gate in _GATES:
        verdict = gate(trial)
        if not verdict.passed:
            return Verdict(
                GATE, False, f"{verdict.gate}: {verdict.measured}", verdict.limit, verdict.reason
            )
    return judged(GATE, (), "key_wrong")
