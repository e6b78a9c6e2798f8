"""A count that the text gives is the count of the facts."""

from quality.gates.case import Case
from quality.gates.numbers import satisfies
from quality.gates.verdicts import judged
from quality.gates.world import World, lineage
from quality.reading.claims import Claim
from schemas.region import Region
from schemas.verdict import Verdict

GATE = "count"


def judge(case: Case) -> Verdict:
    """Counts of a label against its `count` fact, else against the regions of that label.

    A count may also be that of the regions the sentence names ("these three masses"); "at least five"
    needs five or more. "Three of the masses" counts those that the sentence names.
    """
    claims = [c for c in case.reading.claims if c.kind == "count"]
    wrong = [
        f"{c.quantity.values[0]:g} {c.value}" for c in claims if c.quantity and not true(case, c)
    ]
    read = ", ".join(f"{c.quantity.values[0]:g} {c.value}" for c in claims if c.quantity)
    return judged(GATE, wrong, "count_contradicted", measured=read)


def true(case: Case, claim: Claim) -> bool:
    """Is one count right?"""
    quantity = claim.quantity
    if quantity is None:
        return False
    allowed = known_counts(case.world, claim, [r.id for r in case.named])
    if claim.role == "other":
        allowed = _further(case)
    return any(satisfies(n, quantity.values[0], quantity.bound) for n in allowed)


def _further(case: Case) -> set[float]:
    """Numbers that "... and three further structures" may state: what the row names and the text does not.

    Things of one broader kind may count as one ("the ribs"), so any number from that of the kinds to
    that of the labels is right.
    """
    said = {s.value for c in case.reading.claims for s in c.senses if s.kind == "finding"}
    labels = {r.label for r in case.named if not said & set(lineage(r.label))}
    kinds = {list(lineage(label))[:2][-1] for label in labels}
    return {float(n) for n in range(len(kinds), len(labels) + 1)}


def known_counts(world: World, claim: Claim, named: list[str]) -> set[float]:
    """Numbers that the facts give for the counted term.

    The sentence's own regions are counted where the text speaks of them alone ("three of the masses",
    "these two"), or by a word that is no label ("two regions"); else all of the image. Candidates are
    counted as such ("three nucleus candidates") and among nothing else.
    """
    of_term = [
        r for r in world.sheet.regions
        if world.called(r, claim) and (r.candidate == bool(claim.hedge) or not _says(claim))
    ]  # fmt: skip
    here = [r for r in of_term if r.id in named]
    if claim.role == "part":
        return {float(len(here))}
    if not _says(claim):
        return {float(len(here)), float(len({r.label for r in here}))}
    if claim.hedge or any(world.called(r, claim) for r in world.candidates):
        return {float(len(of_term))}
    counted = {f.number for f in world.sheet.of_image("count") if f.number is not None
               and _is_of(f.value, of_term, claim)}  # fmt: skip
    return counted or ({float(len(of_term))} if of_term else set())


def _says(claim: Claim) -> bool:
    return any(s.kind in ("finding", "short") for s in claim.senses)


def _is_of(label: str | None, of_term: list[Region], claim: Claim) -> bool:
    """Does a count fact count just what the claim counts? Not one of several kinds of it."""
    names = {s.value for s in claim.senses}
    return label in names or {r.label for r in of_term} == {label}
