"""A plane or view that the text names is that of the image."""

from quality.gates.case import Case
from quality.gates.verdicts import judged
from schemas.verdict import Verdict

GATE = "plane"
FRONTAL = ("PA", "AP", "frontal")


def judge(case: Case) -> Verdict:
    """Planes and views against the image's own; a PA and an AP view are both frontal."""
    claims = [c for c in case.reading.claims if c.kind in ("plane", "view")]
    known = {v.casefold() for k in ("plane", "view") for v in case.world.image_words(k)}
    if known & {v.casefold() for v in FRONTAL}:
        known.add("frontal")
    wrong = [c.value for c in claims if (c.value.casefold() in known) == c.negated]
    read = ", ".join(c.value for c in claims)
    return judged(GATE, wrong, "plane_contradicted", measured=read, limit=", ".join(sorted(known)))
