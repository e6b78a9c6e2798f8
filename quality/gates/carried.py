"""Is a property claim carried by the regions its group can mean: by one, by all, or by so many?"""

from quality.gates.case import Fit
from quality.gates.holds import holds, in_place
from quality.gates.numbers import converted, kinds_of, says
from quality.gates.world import World
from quality.reading.claims import Claim, Quantity
from schemas.region import Region

SPREAD = 5  # of the nine places, to lie "over the whole image"
TENTH = 10  # and one region in so many lies in each third of the width and of the height
_ROWS, _COLUMNS = ("upper", "middle", "lower"), ("left", "center", "right")


def carried(world: World, fit: Fit, claim: Claim) -> bool:
    """Every noun phrase of the group must carry the claim; a singular one by some region, a plural
    by all.
    """
    if not any(fit.candidates):
        return False
    pool = fit.all_candidates
    if claim.kind in ("count", "rank"):
        return claim.kind == "count" or any(holds(world, claim, r, pool) for r in pool)
    if claim.kind == "spread":
        return _everywhere([world.words[r.id, "position"] for r in pool])
    if claim.kind != "quantity" and claim.quantity is not None:
        return sum(holds(world, claim, r, pool) for r in pool) == claim.quantity.values[0]
    if claim.quantity is not None and _collective(claim.quantity):
        return _collectively(world, claim.quantity, pool)
    return all(
        _by_phrase(world, fit, claim, regions, plural)
        for regions, plural in zip(fit.candidates, fit.plural, strict=True)
    )


def _everywhere(places: list[set[str]]) -> bool:
    """Are regions at these places "over the whole image"? No third of it may hold next to none."""
    known = [{"middle center" if p == "center" else p for p in here} for here in places]
    if len(set().union(*known)) < SPREAD:
        return False
    return all(
        TENTH * sum(any(third in p.split() for p in here) for here in known) >= len(known)
        for third in (*_ROWS, *_COLUMNS)
    )


def _by_phrase(world: World, fit: Fit, claim: Claim, regions: list[Region], plural: bool) -> bool:
    if not plural:
        return any(holds(world, claim, r, regions) for r in regions)
    if _listed(fit, claim):
        return any(holds(world, claim, r, regions) for r in regions)
    if fit.group.many is not None and claim.kind != "quantity":
        return sum(holds(world, claim, r, regions) for r in regions) >= fit.group.many
    places = [p for p in fit.group.properties if p.kind == "position" and p.place is not None]
    if claim.kind != "position" or claim.negated or len(places) + (claim.role == "most") < 2:
        return bool(regions) and all(holds(world, claim, r, regions) for r in regions)
    here = [r for r in regions if any(p.place and in_place(world, p.place, r) for p in places)]
    enough = 2 * len(here) >= len(regions) if claim.role == "most" else len(here) == len(regions)
    return enough and any(holds(world, claim, r, regions) for r in regions)


def _listed(fit: Fit, claim: Claim) -> bool:
    """One of several sizes of several things: "two of 22 x 16 mm and 18 x 12 mm"."""
    sizes = [p for p in fit.group.properties if p.kind == "quantity"]
    pair = claim.quantity is not None and claim.quantity.shape == "pair"
    return claim.kind == "quantity" and pair and len(sizes) > 1


def _collective(quantity: Quantity) -> bool:
    return (
        quantity.shape == "range"
        or quantity.extreme is not None
        or (quantity.aggregate is not None and quantity.unit not in ("HU",))
    )


def _collectively(world: World, quantity: Quantity, regions: list[Region]) -> bool:
    """Smallest and largest of a range; median, mean or total of an aggregate."""
    kinds = (quantity.measure,) if quantity.measure else kinds_of(quantity)[:1]
    for kind in kinds:
        facts = [fact for r in regions for fact in world.numbers[r.id, kind][:1]]
        known = [converted(n, unit, quantity.unit or "") for n, unit in facts]
        values = sorted(v for v in known if v is not None)
        if not values or len(values) < len(regions):
            continue
        if quantity.shape == "range":
            ends = (values[0], values[-1])
            return all(says(quantity, i, ends[i], quantity.unit or "") for i in (0, 1))
        if quantity.extreme is not None:
            end = values[0] if quantity.extreme == "min" else values[-1]
            return says(quantity, 0, end, quantity.unit or "")
        return says(quantity, 0, _aggregate(quantity.aggregate, values), quantity.unit or "")
    return False


def _aggregate(name: str | None, values: list[float]) -> float:
    if name == "median":
        middle = len(values) // 2
        return values[middle] if len(values) % 2 else (values[middle - 1] + values[middle]) / 2
    total = sum(values)
    return total / len(values) if name == "mean" else total
