"""A body part or organ that the text names is shown, outlined or stated."""

from quality.gates.case import Case
from quality.gates.terms import is_anatomy, is_named, stated
from quality.gates.verdicts import judged
from schemas.verdict import Verdict

GATE = "organ"


def judge(case: Case) -> Verdict:
    """Organ terms against the image's anatomy and the regions the sentence names.

    A sentence that names no region may speak of any region of the image.
    """
    claims = [c for c in stated(case) if is_anatomy(c)]
    world = case.world
    wrong = [c.value for c in claims if not is_named(case, c) and not world.carries(c)]
    read = ", ".join(c.value for c in claims)
    return judged(
        GATE, wrong, "organ_contradicted", measured=read, limit=", ".join(sorted(world.organs))
    )
