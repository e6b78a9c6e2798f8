"""Brightness, texture, outline and shape that the text names were measured so."""

from quality.gates.carried import carried
from quality.gates.case import Case
from quality.gates.verdicts import judged
from quality.gates.world import WORDS
from schemas.verdict import Verdict

GATE = "appearance"


def judge(case: Case) -> Verdict:
    """Brightness, texture, outline, shape and rank in size against the facts on the regions meant."""
    kinds = (*WORDS, "rank")
    claims = [(f, c) for f in case.fits for c in f.group.properties if c.kind in kinds]
    wrong = [c.value for f, c in claims if not carried(case.world, f, c)]
    known = {v for r in case.named for k in WORDS for v in case.world.words[r.id, k]}
    read = ", ".join(c.value for _, c in claims)
    return judged(
        GATE, wrong, "appearance_contradicted", measured=read, limit=", ".join(sorted(known))
    )
