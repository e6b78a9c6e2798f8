"""A side of the patient that the text names is stated by header, source or the structure's name."""

from quality.gates.carried import carried
from quality.gates.case import Case
from quality.gates.verdicts import judged
from quality.reading.claims import Claim
from schemas.verdict import Verdict

GATE = "side"


def judge(case: Case) -> Verdict:
    """Left and right of the patient against header, source or name; a place in the image is no
    support.
    """
    claims = [(f, c) for f in case.fits for c in f.group.properties if c.kind == "side"]
    inside = {id(c) for _, c in claims}
    loose = [c for c in case.reading.claims if c.kind == "side" and id(c) not in inside]
    wrong = [c.value for f, c in claims if not (_imaged(case, c) or carried(case.world, f, c))]
    wrong += [c.value for c in loose if not _imaged(case, c)]
    known = case.world.image_words("image_side") | {
        s for r in case.named for s in case.world.words[r.id, "side"]
    }
    read = ", ".join([c.value for _, c in claims] + [c.value for c in loose])
    return judged(GATE, wrong, "side_contradicted", measured=read, limit=", ".join(sorted(known)))


def _imaged(case: Case, claim: Claim) -> bool:
    """The imaged organ of a pair: "the left breast". Regions of it need no side of their own."""
    return claim.value in case.world.image_words("image_side") and not claim.negated
