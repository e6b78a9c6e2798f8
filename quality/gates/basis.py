"""A sentence rests on at least one fact or passage."""

from quality.gates.case import Case
from quality.gates.verdicts import judged
from schemas.verdict import Verdict

GATE = "basis"


def judge(case: Case) -> Verdict:
    """The sentence names a fact or a passage, so that its words can be traced."""
    ids = [*case.world.spoken(case.sentence.fact_ids), *case.sentence.passage_ids]
    faults = [] if ids else ["no fact and no passage"]
    return judged(GATE, faults, "rests_on_nothing", measured=f"{len(ids)} ids", limit="1")
