"""What a text says of one thing with respect to another: held by a fact, refuted by one, or unknown.

The gate `relation` asks for a fact and fails without one. Here silence is told from contradiction: a
relation is refuted only by a fact that rules it out.
"""

from collections.abc import Sequence

from quality.gates.case import fit, meant
from quality.gates.relation import INVERSE, holds_between
from quality.gates.terms import is_image_level
from quality.gates.world import World
from quality.reading.claims import Claim, Group, Reading, Relation
from schemas.region import Region

_TOUCHING = (
    "inside",
    "contains",
    "overlaps",
    "adjacent",
    "apart",
)  # of two things one holds at most
_OPPOSITE = {"left_of": "right_of", "right_of": "left_of", "above": "below", "below": "above",
             "larger_than": "smaller_than", "smaller_than": "larger_than"}  # fmt: skip


def relations_hold(world: World, reading: Reading, among: list[Region]) -> list[bool | None]:
    """One truth for every relation the text states between regions `among` those given."""
    return [_relation(world, r, reading.groups, among) for r in reading.relations]


def _relation(
    world: World, relation: Relation, groups: list[Group], among: list[Region]
) -> bool | None:
    left, right = (fit(world, groups[at], among, groups) for at in (relation.left, relation.right))
    subjects = left.joint or left.all_candidates
    others = right.joint or right.all_candidates
    pairs = [(s, o) for s in subjects for o in others if s.id != o.id]
    if relation.claim.negated or not pairs:
        return None
    if any(holds_between(world, relation.claim, s, o) for s, o in pairs):
        return True
    return False if all(_ruled_out(world, relation.claim, s, o) for s, o in pairs) else None


def _ruled_out(world: World, claim: Claim, subject: Region, other: Region) -> bool:
    """Some fact on the pair excludes the relation."""
    if claim.value == "distance":
        return bool(world.distances[frozenset((subject.id, other.id))])
    rivals = [k for k in _TOUCHING if k != claim.value] if claim.value in _TOUCHING else []
    rivals += [_OPPOSITE[claim.value]] if claim.value in _OPPOSITE else []
    return any(_known(world, kind, subject, other) for kind in rivals)


def _known(world: World, kind: str, subject: Region, other: Region) -> bool:
    if kind == "apart":
        return any(n > 0 for n, _ in world.distances[frozenset((subject.id, other.id))])
    if kind in INVERSE:
        return world.related(INVERSE[kind], other.id, subject.id)
    return world.related(kind, subject.id, other.id)


def lie_in_places(
    world: World, group: Group, held: Sequence[Region], among: list[Region]
) -> list[bool | None]:
    """One truth for every place of a group ("a nodule *in the left lung*"): does a thing lie in it?

    An outlined place is compared with the regions; the body part shown holds all that is in it.
    """
    return [_in_place(world, place, held, among) for place in group.places]


def _in_place(
    world: World, place: Claim, held: Sequence[Region], among: list[Region]
) -> bool | None:
    holders = {r.id for r in meant(world, [place], among)}
    things = [r.id for r in held if r.id not in holders]
    if not holders or not things:
        return True if is_image_level(world, place) else None
    kinds = ("inside", "overlaps")
    if any(world.related(k, thing, h) for k in kinds for thing in things for h in holders):
        return True
    elsewhere = all(any(s == thing for s, _ in world.pairs["inside"]) for thing in things)
    return False if elsewhere else None
