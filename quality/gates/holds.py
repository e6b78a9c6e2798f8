"""Does one claimed property hold of one region?"""

from collections.abc import Iterable

from quality.gates.numbers import kinds_of, says
from quality.gates.world import WORDS, World
from quality.reading.claims import Claim, Place
from schemas.region import Region
from schemas.vocabulary import findings

CORNER_PX = 0.501  # corners are told in whole pixels


def holds(world: World, claim: Claim, region: Region, peers: list[Region]) -> bool:
    """Truth of a property claim. A denied property needs a known value that differs: silence denies nothing.

    `peers` are the regions that "largest" and "smaller" compare with.
    """
    if claim.kind in WORDS:
        known = world.words[region.id, claim.kind]
        return bool(known) and (claim.value in known) != claim.negated
    true = _true(world, claim, region, peers)
    return true != claim.negated


def _true(world: World, claim: Claim, region: Region, peers: list[Region]) -> bool:
    if claim.kind == "position" and claim.place is not None:
        return in_place(world, claim.place, region)
    if claim.kind == "side":
        return claim.value in sides(world, region)
    if claim.kind == "quantity" and claim.quantity is not None:
        return measures(world, claim, region)
    if claim.kind == "corners" and claim.quantity is not None:
        pairs = zip(claim.quantity.values, region.box, strict=True)
        return all(abs(said - edge) <= CORNER_PX for said, edge in pairs)
    if claim.kind == "origin":
        return not region.annotated
    if claim.kind == "rank":
        return ranked(world, claim.value, region, peers)
    return claim.kind == "count"  # judged on its own, over all regions


def told(world: World, claim: Claim, region: Region) -> bool:
    """Do the facts say anything on the region that such a claim can be compared with?"""
    if claim.kind in WORDS:
        return bool(world.words[region.id, claim.kind])
    if claim.kind == "side":
        return bool(sides(world, region))
    if claim.kind == "quantity" and claim.quantity is not None:
        return any(world.numbers[region.id, kind] for kind in kinds_of(claim.quantity))
    return claim.kind in ("position", "corners", "rank", "count", "origin")


def hold_jointly(world: World, claims: list[Claim], regions: list[Region]) -> bool | None:
    """Is there one region of these for which all the claims hold?

    None where the facts cannot tell: there is no region, or one that could carry the claims has no
    fact to compare some of them with.
    """
    each = [
        conjoined(holds(world, c, r, regions) if told(world, c, r) else None for c in claims)
        for r in regions
    ]
    if True in each:
        return True
    return None if None in each or not each else False


def conjoined(truths: Iterable[bool | None]) -> bool | None:
    """All of them: False where one is, else None where one is unknown."""
    found = list(truths)
    return False if False in found else None if None in found else True


def sides(world: World, region: Region) -> set[str]:
    """Patient sides said of a region by a fact, its column or its own name ("left lung")."""
    term = findings().get(region.label)
    named = {term.side} if term is not None and term.side is not None else set()
    return world.words[region.id, "side"] | named


def in_place(world: World, place: Place, region: Region) -> bool:
    """Does the region lie in this place of the image?

    A full place ("upper left") must be its position word. A lone row or column is a third; "half",
    "side" and "quadrant" also take what lies between the thirds on that side of the middle.
    """
    return any(_matches(world, place, region, name) for name in world.words[region.id, "position"])


def _matches(world: World, place: Place, region: Region, name: str) -> bool:
    row, column = _grid(name)
    if place.part.startswith("middle"):
        return row == "middle" or column == "center"
    if place.part in ("half", "side", "quadrant"):
        x, y = world.centre(region)
        row = row if row != "middle" else ("upper" if y < 0.5 else "lower")
        column = column if column != "center" else ("left" if x < 0.5 else "right")
    return place.row in (None, row) and place.column in (None, column)


def _grid(name: str) -> tuple[str, str]:
    if name == "center":
        return "middle", "center"
    row, _, column = name.partition(" ")
    return row, column


def measures(world: World, claim: Claim, region: Region) -> bool:
    """Is the number that of a fact on this region?"""
    quantity = claim.quantity
    if quantity is None or quantity.shape == "range":
        return quantity is not None  # a range speaks of several regions: `plural.py`
    kinds = kinds_of(quantity)
    if quantity.shape == "pair":
        return len(kinds) == 2 and all(
            any(says(quantity, place, *fact) for fact in world.numbers[region.id, kind])
            for place, kind in enumerate(kinds)
        )
    return any(
        says(quantity, 0, *fact) for kind in kinds for fact in world.numbers[region.id, kind]
    )


def ranked(world: World, rank: str, region: Region, peers: list[Region]) -> bool:
    """ "largest" and "larger" mean the largest of its label among the peers (or in the image, if
    alone).
    """
    kind = (region.label, region.candidate)
    rivals = [r for r in peers if (r.label, r.candidate) == kind and r.id != region.id]
    everywhere = [r for r in world.sheet.regions if (r.label, r.candidate) == kind]
    rivals = rivals or [r for r in everywhere if r.id != region.id]
    if not rivals:
        return False
    for measure in ("major_axis", "area_fraction"):
        own = [n for n, _ in world.numbers[region.id, measure]]
        other = [n for r in rivals for n, _ in world.numbers[r.id, measure]]
        if not own or len(other) < len(rivals):
            continue
        if rank in ("largest", "larger") and own[0] >= max(other):
            return True
        if rank in ("smallest", "smaller") and own[0] <= min(other):
            return True
    return False
