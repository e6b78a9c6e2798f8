"""A finding that the text names is carried by a region or by a label of the image."""

from quality.gates.case import Case
from quality.gates.terms import is_anatomy, is_image_level, is_region_of, stated
from quality.gates.verdicts import judged
from quality.reading.claims import Claim
from schemas.verdict import Verdict

GATE = "finding"


def judge(case: Case) -> Verdict:
    """Findings against the labels of regions and of the image; one that no fact carries fails.

    Whether it is a region the sentence names, and not another one, is the gate `region`.
    """
    claims = [c for c in stated(case) if not is_anatomy(c)]
    wrong = [c.value for c in claims if not _supported(case, c)]
    read = ", ".join(c.value for c in claims)
    return judged(GATE, wrong, "finding_unsupported", measured=read)


def _supported(case: Case, claim: Claim) -> bool:
    world = case.world
    if is_region_of(case, claim) or is_image_level(world, claim):
        return True
    return world.carries(claim)
