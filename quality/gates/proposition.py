"""Is what a yes/no stem proposes true of the image, false, or unknown?"""

from quality.gates.asked import QuestionCase
from quality.gates.bonds import lie_in_places, relations_hold
from quality.gates.case import fit
from quality.gates.count import known_counts
from quality.gates.holds import hold_jointly
from quality.gates.numbers import satisfies
from quality.gates.world import World
from quality.reading.claims import Claim

_BY_IMAGE = ("modality", "sequence", "window", "stain", "plane", "view", "sex")


def holds_proposition(case: QuestionCase) -> bool | None:
    """All of the stem's claims: True when each is a fact, False when one is known to be false.

    A term no fact mentions is unknown, and so is a stem with a word that nobody could read: silence
    is not absence.
    """
    truths = _terms(case) + _properties(case)
    if False in truths:
        return False
    return None if not truths or None in truths or case.stem.unread else True


def _terms(case: QuestionCase) -> list[bool | None]:
    return [_claim(case.world, c) for c in case.stem.claims if c.kind in ("term", *_BY_IMAGE)]


def _claim(world: World, claim: Claim) -> bool | None:
    if claim.kind == "modality":
        return (claim.value in world.modalities) != claim.negated
    if claim.kind in _BY_IMAGE:
        known = {v.casefold() for v in world.image_words(claim.kind)}
        return (claim.value.casefold() in known) != claim.negated if known else None
    if all(s.kind == "thing" for s in claim.senses):
        return True
    truth = _term(world, claim)
    return truth if not claim.negated or truth is None else not truth


def _term(world: World, claim: Claim) -> bool | None:
    if claim.hedge:
        return world.carries(claim) or None
    names = [s.value for s in claim.senses if s.kind in ("finding", "organ")]
    if any(n in world.present or n in world.organs for n in names):
        return True
    return False if any(n in world.absent for n in names) else None


def _properties(case: QuestionCase) -> list[bool | None]:
    """Of each group: does some region that it can mean have all its properties, in its place?

    And of each count and relation of the stem, whether it is a fact.
    """
    world, groups, regions = case.world, case.stem.groups, case.world.sheet.regions
    out: list[bool | None] = []
    for group in groups:
        made = fit(world, group, regions, groups)
        if group.properties:
            joint = hold_jointly(world, group.properties, made.all_candidates)
            out.append(True if made.joint else joint)
        if group.entities:
            out += lie_in_places(world, group, made.joint or made.all_candidates, regions)
    out += [_counted(case, c) for c in case.stem.claims if c.kind == "count"]
    return out + relations_hold(world, case.stem, regions)


def _counted(case: QuestionCase, claim: Claim) -> bool | None:
    known = known_counts(case.world, claim, [r.id for r in case.named])
    if claim.quantity is None or not known:
        return None
    return any(satisfies(n, claim.quantity.values[0], claim.quantity.bound) for n in known)
