"""Is what a yes/no stem proposes true of the image, false, or unknown?"""

from quality.gates.asked import QuestionCase
from quality.gates.case import fit
from quality.gates.world import World
from quality.reading.claims import Claim

_BY_IMAGE = ("modality", "sequence", "window", "stain", "plane", "view", "sex")


def holds_proposition(case: QuestionCase) -> bool | None:
    """All of the stem's claims: True when each is a fact, False when one is known to be false.

    A term no fact mentions is unknown: silence is not absence.
    """
    truths = [_claim(case.world, c) for c in case.stem.claims if c.kind in ("term", *_BY_IMAGE)]
    truths += _properties(case)
    if not truths or None in truths:
        return False if False in truths and _decides(case) else None
    return all(truths)


def _decides(case: QuestionCase) -> bool:
    """A false claim decides although another is unknown."""
    return any(
        _claim(case.world, c) is False for c in case.stem.claims if c.kind in ("term", *_BY_IMAGE)
    )


def _claim(world: World, claim: Claim) -> bool | None:
    if claim.kind == "modality":
        return claim.value in world.modalities
    if claim.kind in _BY_IMAGE:
        known = {v.casefold() for v in world.image_words(claim.kind)}
        return claim.value.casefold() in known if known else None
    if all(s.kind == "thing" for s in claim.senses):
        return True
    truth = _term(world, claim)
    return truth if not claim.negated or truth is None else not truth


def _term(world: World, claim: Claim) -> bool | None:
    names = [s.value for s in claim.senses if s.kind in ("finding", "organ")]
    if any(n in world.present or n in world.organs for n in names):
        return True
    return False if any(n in world.absent for n in names) else None


def _properties(case: QuestionCase) -> list[bool | None]:
    """Of each group with properties: does some region that it can mean have all of them?"""
    out: list[bool | None] = []
    for group in case.stem.groups:
        if group.properties:
            made = fit(case.world, group, case.world.sheet.regions, case.stem.groups)
            out.append(bool(made.joint) if made.all_candidates else None)
    return out
