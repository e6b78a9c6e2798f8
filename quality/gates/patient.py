"""Sex and age that the text names are stated by header or source."""

from quality.gates.case import Case
from quality.gates.verdicts import judged
from schemas.verdict import Verdict

GATE = "patient"


def judge(case: Case) -> Verdict:
    """Sex against the `sex` fact. Ages in numbers are judged by `number_and_unit`."""
    known = case.world.image_words("sex")
    claims = [c for c in case.reading.claims if c.kind == "sex"]
    wrong = [c.value for c in claims if (c.value in known) == c.negated]
    read = ", ".join(c.value for c in claims)
    return judged(
        GATE, wrong, "patient_contradicted", measured=read, limit=", ".join(sorted(known))
    )
