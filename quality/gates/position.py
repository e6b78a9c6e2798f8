"""A place in the image that the text names is where the region lies."""

from quality.gates.carried import carried
from quality.gates.case import Case
from quality.gates.verdicts import judged
from schemas.verdict import Verdict

GATE = "position"


def judge(case: Case) -> Verdict:
    """Places in the image as shown against the `position` of the regions meant."""
    claims = [
        (f, c) for f in case.fits for c in f.group.properties if c.kind in ("position", "spread")
    ]
    wrong = [c.value for f, c in claims if not carried(case.world, f, c)]
    known = {p for r in case.named for p in case.world.words[r.id, "position"]}
    read = ", ".join(c.value for _, c in claims)
    return judged(GATE, wrong, "position_contradicted", measured=read, limit=_said(known))


def _said(known: set[str]) -> str:
    return ", ".join(sorted(known)[:9])
