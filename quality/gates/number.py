"""A number with its unit is that of a fact of the matching kind."""

from quality.gates.carried import carried
from quality.gates.case import Case
from quality.gates.numbers import says
from quality.gates.verdicts import judged
from quality.gates.world import World
from quality.reading.claims import Claim, Quantity
from schemas.verdict import Verdict

GATE = "number_and_unit"
SCAN = {"um/px": "resolution", "x": "magnification"}


def judge(case: Case) -> Verdict:
    """Every number with its unit against facts of its kind; a number that no fact carries fails.

    Lengths convert between mm, cm and um, never between mm and px; shares between a fraction and %.
    Distances are judged with their relation.
    """
    inside = {id(c) for f in case.fits for c in f.group.properties}
    wrong = [_text(c) for c in case.reading.claims
             if c.kind == "quantity" and id(c) not in inside and not _elsewhere(case, c)]  # fmt: skip
    for fit in case.fits:
        for claim in fit.group.properties:
            if claim.kind == "quantity" and not (
                carried(case.world, fit, claim) or _of_image(case.world, claim)
            ):
                wrong.append(_text(claim))
    read = ", ".join(_text(c) for c in case.reading.claims if c.kind == "quantity")
    return judged(GATE, wrong, "number_contradicted", measured=read)


def _elsewhere(case: Case, claim: Claim) -> bool:
    """Distances live in relations, and are judged there."""
    return any(r.claim.quantity is claim.quantity for r in case.reading.relations)


def _of_image(world: World, claim: Claim) -> bool:
    """Ages, the scan of a slide, and the numbers of a window's name, are facts about the image."""
    quantity = claim.quantity
    if quantity is None:
        return False
    if quantity.unit == "a":
        return any(says(quantity, 0, n, u) for n, u in world.numbers[world.image.id, "age"])
    if quantity.unit in SCAN:
        known = world.numbers[world.image.id, SCAN[quantity.unit]]
        return quantity.shape == "single" and any(says(quantity, 0, n, u) for n, u in known)
    digits = {d for w in world.image_words("window") for d in w.replace("/", " ").split()}
    return all(f"{v:g}" in digits for v in quantity.values) and quantity.unit in (None, "HU")


def _text(claim: Claim) -> str:
    quantity: Quantity | None = claim.quantity
    if quantity is None:
        return claim.value
    joint = {"pair": " x ", "range": "-"}.get(quantity.shape, "")
    shown = joint.join(f"{v:g}" for v in quantity.values)
    return f"{shown} {quantity.unit or '(no unit)'}"
