"""The sentence speaks of the regions it names, and not of others."""

from quality.gates.carried import carried
from quality.gates.case import Case, Fit, fit
from quality.gates.holds import holds
from quality.gates.terms import is_image_level, is_only_generic, is_region_of
from quality.gates.verdicts import judged
from quality.reading.claims import Claim
from schemas.verdict import Verdict

GATE = "region"


def judge(case: Case) -> Verdict:
    """All that is said of one thing holds of one region, and it is a region that the sentence names.

    Three signs of a wrong id: the text names what only another region is; its claims hold of the named
    regions one by one but of none together; or they fail here and all hold of another region.
    """
    wrong = [f"{c.value} is another region" for c in case.reading.claims if _names_another(case, c)]
    for one in case.fits:
        wrong += _mixed(case, one)
    limit = ", ".join(r.label for r in case.named[:6])
    return judged(GATE, wrong, "wrong_region", limit=limit)


def _names_another(case: Case, claim: Claim) -> bool:
    if claim.kind != "term" or claim.negated or not case.named or is_only_generic(claim):
        return False
    if is_region_of(case, claim) or is_image_level(case.world, claim):
        return False
    return any(case.world.called(r, claim) for r in case.others)


def _mixed(case: Case, one: Fit) -> list[str]:
    properties = [p for p in one.group.properties if p.kind != "count"]
    if (
        not properties
        or any(one.plural)
        or any(p.quantity and p.kind != "quantity" for p in properties)
    ):
        return []
    each = [carried(case.world, one, p) for p in properties]
    if all(each):
        return [] if one.joint or len(one.candidates) > 1 else ["no named region carries all of it"]
    if not case.named:
        return []
    elsewhere = fit(case.world, one.group, case.others, case.reading.groups)
    fitting = [r for r in elsewhere.all_candidates
               if all(holds(case.world, p, r, case.others) for p in properties)]  # fmt: skip
    return ["another region fits"] if fitting else []
