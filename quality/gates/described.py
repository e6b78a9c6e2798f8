"""Is what an option names and describes ("an irregular nodule in the left lung") true of the image?"""

from collections.abc import Iterator

from quality.gates.asked import QuestionCase
from quality.gates.bonds import lie_in_places, relations_hold
from quality.gates.count import known_counts
from quality.gates.holds import conjoined, hold_jointly
from quality.gates.numbers import satisfies
from quality.gates.world import World, lineage
from quality.reading.claims import Claim, Group, Reading
from schemas.region import Region
from schemas.vocabulary import findings

_SEEN = ("lesion", "sign", "disease")
"""Kinds of findings on which annotation may be silent. Organs and structures are not: their names are
those of the body part shown."""


def described(case: QuestionCase, option: Reading) -> bool | None:
    """Every name, property, place, count and relation of the option, on the regions it can mean.

    Those are the regions the question is about, else all of the image. A name that none of them
    bears is false, as among the options of a question the known names are taken to be all.
    """
    pool = case.referents if case.things or case.named else case.world.sheet.regions
    truths = [t for group in option.groups for t in _of_group(case, option, group, pool)]
    truths += [_denied(case.world, c) for c in option.claims if c.kind == "term" and c.negated]
    truths += [_counted(case, c) for c in option.claims if c.kind == "count"]
    truths += relations_hold(case.world, option, case.world.sheet.regions)
    return conjoined(truths) if truths else False


def _of_group(
    case: QuestionCase, option: Reading, group: Group, pool: list[Region]
) -> Iterator[bool | None]:
    properties = [p for p in group.properties if p.kind != "count"]
    for run in group.entities:
        meant = [r for r in pool if any(_is(case.world, c, r) for c in run)]
        yield bool(meant) or _of_whole(case, run)
        if properties and meant:
            yield hold_jointly(case.world, properties, meant)
        elif properties:
            yield None
        if meant:
            yield from lie_in_places(case.world, group, meant, case.world.sheet.regions)


def _is(world: World, claim: Claim, region: Region) -> bool:
    if region.candidate != bool(claim.hedge):
        return False
    return any(
        world.is_a(region, s.kind, s.value) for s in claim.senses if s.kind in ("finding", "short")
    )


def _of_whole(case: QuestionCase, run: list[Claim]) -> bool | None:
    """A label of the image; or the body part shown, where the name is no finding's."""
    world, senses = case.world, [s for c in run for s in c.senses]
    if not any(s.kind in ("finding", "short") for s in senses):
        parts = [s.value for s in senses if s.kind == "organ"]
        return (any(p in world.organs for p in parts) if world.organs else None) if parts else False
    if case.things or case.named:
        return False
    names = [s.value for s in senses if s.kind == "finding"]
    if not any(n in world.present for n in names) and any(n in world.possible for n in names):
        return None
    return any(n in world.present for n in names)


def _denied(world: World, claim: Claim) -> bool | None:
    """ "no pneumothorax": silence denies nothing."""
    if world.carries(claim):
        return False
    known = not claim.hedge and any(s.value in world.absent for s in claim.senses)
    return True if known else None


def _counted(case: QuestionCase, claim: Claim) -> bool | None:
    known = known_counts(case.world, claim, [r.id for r in case.referents])
    if claim.quantity is None or not known:
        return None
    return any(satisfies(n, claim.quantity.values[0], claim.quantity.bound) for n in known)


def silent(case: QuestionCase, option: Reading) -> bool:
    """Is the option false only because no fact says so, and would it not contradict one?

    It names a lesion, sign or disease that no fact denies, and each region asked about could still be
    called so: its label is broader, or of another group ("mass" and "carcinoma", not "mass" and
    "cyst"). Everything else that the option says must not be false.
    """
    terms = [c for c in option.claims if c.kind == "term" and c.names("thing") == []]
    names = [n for c in terms for n in c.names("finding")]
    known = [t for n in names if (t := findings().get(n)) is not None]
    if not known or any(t.kind not in _SEEN for t in known):
        return False
    decided = case.world.absent | case.world.present
    if any(c.negated for c in terms) or any(n in decided for n in names):
        return False
    if case.asks_organ or case.asks_extent:
        return False
    about = case.referents if case.things or case.named else []
    if not all(_could_be(r.label, n) for r in about for n in names):
        return False
    said = [p for g in option.groups for p in g.properties if p.kind != "count"]
    return not (said and about) or hold_jointly(case.world, said, about) is not False


def _could_be(label: str, name: str) -> bool:
    own, other = findings().get(label), findings().get(name)
    if own is None or other is None or label in lineage(name):
        return True
    return own.group != other.group
