"""A stem takes nothing for granted that no fact carries."""

from quality.gates.asked import QuestionCase
from quality.gates.case import fit
from quality.gates.terms import is_image_level, is_only_generic
from quality.gates.verdicts import judged
from quality.reading.claims import Claim, Group
from schemas.verdict import Verdict

GATE = "stem"
_POINTS = ("corners", "position", "side")


def judge(case: QuestionCase) -> Verdict:
    """Every thing an open stem names is there, and where it says which one, there is such a one.

    A yes/no stem proposes; its truth is the key's affair. "How many ...?" may ask for what is known
    to be absent: the answer is none.
    """
    if case.polar:
        return judged(GATE, (), "finding_unsupported", measured="yes or no")
    terms = [c for c in case.stem.claims if c.kind == "term" and not is_only_generic(c)]
    unknown = [c.value for c in terms if not _there(case, c)]
    unknown += [
        f"no such {g.entities[0][-1].value}" for g in case.stem.groups if _points_nowhere(case, g)
    ]
    return judged(GATE, unknown, "finding_unsupported", measured=", ".join(c.value for c in terms))


def _there(case: QuestionCase, claim: Claim) -> bool:
    world = case.world
    if is_image_level(world, claim) or world.carries(claim):
        return True
    return case.counts and not claim.hedge and any(s.value in world.absent for s in claim.senses)


def _points_nowhere(case: QuestionCase, group: Group) -> bool:
    """ "the nodule in the upper left", where none lies."""
    if not group.entities or not any(p.kind in _POINTS for p in group.properties):
        return False
    regions = case.world.sheet.regions
    return not fit(case.world, group, regions, case.stem.groups).joint
