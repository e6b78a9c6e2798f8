"""A relation that the text states between two regions is a fact, in that direction."""

from quality.gates.case import Case, Fit
from quality.gates.numbers import says
from quality.gates.terms import is_image_level, is_region_of
from quality.gates.verdicts import judged
from quality.gates.world import World
from quality.reading.claims import Claim, Relation
from schemas.region import Region
from schemas.verdict import Verdict

GATE = "relation"
SYMMETRIC = ("overlaps", "adjacent", "distance", "apart")
INVERSE = {
    "contains": "inside", "right_of": "left_of", "below": "above", "smaller_than": "larger_than",
}  # fmt: skip


def judge(case: Case) -> Verdict:
    """A relation between two named regions is a fact, in the direction stated.

    Where one word fits both, they stand in the order in which the sentence names them. A denied
    relation fails: no fact says that two regions are unrelated.
    """
    relations = case.reading.relations
    wrong = [r.claim.value for r in relations if not true(case, r)]
    wrong += [f"in {c.value}" for f in case.fits for c in f.group.places if not lies_in(case, f, c)]
    read = ", ".join(r.claim.value for r in relations)
    return judged(GATE, wrong, "relation_contradicted", measured=read)


def true(case: Case, relation: Relation) -> bool:
    """Does some pair of named regions carry the relation?"""
    claim, left = relation.claim, case.fits[relation.left]
    if claim.negated:
        return claim.value == "outside" and _all_inside(case, relation)
    pairs = _pairs(case, relation)
    if relation.left != relation.right and any(left.plural):
        held = {s.id for s, o in pairs if holds_between(case.world, claim, s, o)}
        return bool(pairs) and held == {s.id for s, _ in pairs}
    return any(holds_between(case.world, claim, s, o) for s, o in pairs)


def _all_inside(case: Case, relation: Relation) -> bool:
    """ "none of the nodules lies outside the lung": a denied "outside" is the one denial facts can
    carry.
    """
    pairs = _pairs(case, relation)
    inside = {s.id for s, o in pairs if case.world.related("inside", s.id, o.id)}
    return bool(pairs) and inside == {s.id for s, _ in pairs}


def _pairs(case: Case, relation: Relation) -> list[tuple[Region, Region]]:
    """Subject and other, as the words single them out; where one word fits both, in the row's
    order.
    """
    left, right = case.fits[relation.left], case.fits[relation.right]
    if relation.left == relation.right:
        parts = left.candidates
        subjects, others = (parts[0], parts[1]) if len(parts) > 1 else (parts[0], parts[0])
    else:
        subjects, others = _narrowed(left), _narrowed(right)
    subjects, others = _unlike(subjects, others), _unlike(others, subjects)
    pairs = [(s, o) for s in subjects for o in others if s.id != o.id]
    alike = {r.id for r in subjects} & {r.id for r in others}
    if alike and not any(left.plural) and relation.claim.value not in SYMMETRIC:
        order = {r.id: n for n, r in enumerate(case.named)}
        pairs = [(s, o) for s, o in pairs if order[s.id] < order[o.id]]
    return pairs


def _unlike(one: list[Region], other: list[Region]) -> list[Region]:
    """ "it" beside "the liver" means what is not the liver."""
    taken = {r.id for r in other}
    return [r for r in one if r.id not in taken] or one


def _narrowed(fit: Fit) -> list[Region]:
    """The regions that the words of a group single out."""
    joint = {r.id for r in fit.joint}
    return [r for r in fit.all_candidates if r.id in joint] or fit.all_candidates


def holds_between(world: World, claim: Claim, subject: Region, other: Region) -> bool:
    """Is this relation a fact of `subject` and `other`, in this direction?"""
    if claim.value == "distance":
        known = world.distances[frozenset((subject.id, other.id))]
        return claim.quantity is not None and any(says(claim.quantity, 0, n, u) for n, u in known)
    if claim.value == "apart":
        return _apart(world, subject, other)
    if claim.value in INVERSE:
        return world.related(INVERSE[claim.value], other.id, subject.id)
    return world.related(claim.value, subject.id, other.id)


def _apart(world: World, subject: Region, other: Region) -> bool:
    """Nothing shared, no contact, and a known distance that is not zero."""
    both = ((subject.id, other.id), (other.id, subject.id))
    touching = any(
        world.related(k, a, b) for k in ("inside", "overlaps", "adjacent") for a, b in both
    )
    return not touching and any(n > 0 for n, _ in world.distances[frozenset(both[0])])


def lies_in(case: Case, fit: Fit, claim: Claim) -> bool:
    """ "a nodule in the left lung": where the lung is outlined, the nodule must lie inside or
    overlap it.
    """
    if not is_region_of(case, claim):
        return is_image_level(case.world, claim) or not case.named
    holders = [r for r in case.named if case.world.called(r, claim)]
    held = [r for r in fit.all_candidates if r not in holders]
    lying = [
        r for r in held
        if any(case.world.related(kind, r.id, h.id) for kind in ("inside", "overlaps") for h in holders)
    ]  # fmt: skip
    return not held or (len(lying) == len(held) if any(fit.plural) else bool(lying))
