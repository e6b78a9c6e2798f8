"""Called automatic is only what a program found."""

from quality.gates.carried import carried
from quality.gates.case import Case
from quality.gates.verdicts import judged
from schemas.verdict import Verdict

GATE = "origin"


def judge(case: Case) -> Verdict:
    """What the text calls outlined automatically was found by experts, and drawn by no person."""
    claims = [(f, c) for f in case.fits for c in f.group.properties if c.kind == "origin"]
    wrong = [c.value for f, c in claims if c.negated or not carried(case.world, f, c)]
    read = ", ".join(c.value for _, c in claims)
    return judged(GATE, wrong, "origin_contradicted", measured=read)
