"""A doubt about the image that the text names (a template under the lesion, a mirrored copy) is
flagged.
"""

from quality.gates.case import Case
from quality.gates.verdicts import judged
from schemas.verdict import Verdict

GATE = "doubt"


def judge(case: Case) -> Verdict:
    """Doubts (a template, a mirrored or warped copy) against the flags of the image."""
    claims = [c for c in case.reading.claims if c.kind == "flag" and not c.negated]
    flags = " ".join(case.world.image.flags)
    wrong = [c.value for c in claims if c.value not in flags]
    read = ", ".join(c.value for c in claims)
    return judged(
        GATE, wrong, "doubt_unsupported", measured=read, limit=", ".join(case.world.image.flags)
    )
