"""Is an option true of the image? Derived from stem, option text and facts; the key is never looked
at.
"""

from quality.gates.asked import YES_NO, QuestionCase
from quality.gates.described import described
from quality.gates.holds import conjoined, hold_jointly, holds
from quality.gates.number import SCAN
from quality.gates.numbers import converted
from quality.gates.proposition import holds_proposition
from quality.gates.relation import holds_between
from quality.reading.claims import Claim, Reading
from schemas.region import Region

MEASURES = {"mm": "major_axis", "cm": "major_axis", "um": "major_axis", "px": "major_axis",
            "%": "area_fraction", "mL": "volume", "L": "volume", "HU": "attenuation"}  # fmt: skip
_BY_IMAGE = ("modality", "sequence", "window", "stain", "plane", "view", "sex")
_LEAST = 1e-9  # relative; a key of tolerance 0 still allows for numeric noise


def true_option(case: QuestionCase, option: Reading) -> bool | None:
    """True, False, or None where the facts cannot tell."""
    word = option.text.strip().rstrip(".").lower()
    if word in YES_NO:
        truth = holds_proposition(case)
        return None if truth is None else truth == YES_NO[word]
    claims = option.claims
    if not claims:
        return None
    if case.pair is not None and not any(_names(c) for c in claims):
        truth = _related(case, claims)
    else:
        truth = _by_kind(case, option)
    return None if truth and option.unread else truth  # what is unread may be the false part


def _by_kind(case: QuestionCase, option: Reading) -> bool | None:
    claims = option.claims
    if all(c.kind in _BY_IMAGE for c in claims):
        return conjoined(_of_image(case, c) for c in claims)
    if all(c.kind in ("quantity", "count") for c in claims):
        return all(_number(case, c) for c in claims)
    if any(_names(c) for c in claims):
        of_image = [_of_image(case, c) for c in claims if c.kind in _BY_IMAGE]
        return conjoined([*of_image, _term(case, option)])
    if all(c.kind == "side" for c in claims) and not case.things:
        sides = case.world.image_words("image_side")
        return all((c.value in sides) != c.negated for c in claims) if sides else None
    return hold_jointly(case.world, claims, case.referents)


def _names(claim: Claim) -> bool:
    """A noun that points at something; not a bare pronoun ("inside it")."""
    return claim.kind == "term" and any(s.value != "it" for s in claim.senses)


def _of_image(case: QuestionCase, claim: Claim) -> bool | None:
    world = case.world
    if claim.kind == "modality":
        return (claim.value in world.modalities) != claim.negated
    known = {v.casefold() for v in world.image_words(claim.kind)}
    if not known and claim.kind != "sex":  # nobody can see a patient's sex in most images
        return None
    supine = any(
        v.startswith(f"{claim.value.casefold()} ") for v in known
    )  # AP is true of "AP supine"
    frontal = claim.value == "frontal" and bool(known & {"pa", "ap"})
    return (claim.value.casefold() in known or supine or frontal) != claim.negated


def _term(case: QuestionCase, option: Reading) -> bool | None:
    """A thing named by the option: the larger of two, the body part shown, or what a region is."""
    ranks = [c.value for c in case.stem.claims if c.kind == "rank"]
    ranks += [
        c.value.removesuffix("_than")
        for c in case.stem.claims
        if c.value in ("larger_than", "smaller_than")
    ]
    if ranks or case.asks_extent:
        return _ranked(case, option, "smaller" if "small" in "".join(ranks) else "larger")
    senses = [s for c in option.claims if c.kind == "term" for s in c.senses]
    if case.asks_organ:
        return any(s.value in case.world.organs for s in senses if s.kind in ("organ", "finding"))
    return described(case, option)


def _ranked(case: QuestionCase, option: Reading, rank: str) -> bool | None:
    """Does the option name the larger (smaller) of the regions the question is about?"""
    meant = case.regions_of(option)
    rivals = [r for r in case.named if r.id not in {m.id for m in meant}]
    if not meant or not rivals:
        return None
    sign = 1 if rank == "larger" else -1
    areas = [sign * case.world.area(r) for r in rivals]
    return all(sign * case.world.area(r) > max(areas) for r in meant)


def _number(case: QuestionCase, claim: Claim) -> bool:
    """Within the item's tolerance of the fact, in the unit of the option."""
    quantity = claim.quantity
    if quantity is None or quantity.shape != "single":
        return False
    unit = quantity.unit or case.unit_of_stem
    truths = true_numbers(case, unit)
    slack = max(case.question.tolerance or 0.0, quantity.steps[0] / 2 if unit else 0.0)
    own = case.question.unit or ""
    for number, its_unit in truths:
        value = converted(number, its_unit, unit or its_unit)
        allowed = converted(slack, own, unit or own) if own not in ("", "1", "%") else slack
        if value is not None and abs(value - quantity.values[0]) <= (
            allowed or slack
        ) + _LEAST * abs(value):
            return True
    return False


def true_numbers(case: QuestionCase, unit: str | None) -> list[tuple[float, str]]:
    """(number, unit) of every fact that answers the stem: a count without unit, else a measurement."""
    world = case.world
    if unit is None:
        return [(float(n), "") for n in _counts(case)]
    if unit in SCAN:
        return world.numbers[world.image.id, SCAN[unit]]
    kind = case.measure_of_stem or MEASURES.get(unit, "")
    return [fact for r in case.referents for fact in world.numbers[r.id, kind]]


def _counts(case: QuestionCase) -> set[float]:
    names = {
        s.value
        for c in case.stem.claims
        if c.kind == "term"
        for s in c.senses
        if s.kind == "finding"
    }
    facts = case.world.sheet.of_image("count")
    counted = {f.number for f in facts if f.value in names and f.number is not None}
    if counted:
        return counted
    regions = [
        r
        for r in case.world.sheet.regions
        if not r.candidate and any(case.world.is_a(r, "finding", n) for n in names)
    ]
    none = {0.0} if names & case.world.absent else set()
    return {float(len(regions))} if regions else none


def _related(case: QuestionCase, claims: list[Claim]) -> bool | None:
    """Every relation the option states must be a fact between subject and other of the stem."""
    stated = [c for c in claims if c.kind != "term"]
    if case.pair is None or not stated:
        return None
    return any(
        all(_one(case, c, s, o) for c in stated)
        for s in case.pair[0]
        for o in case.pair[1]
        if s.id != o.id
    )


def _one(case: QuestionCase, claim: Claim, subject: Region, other: Region) -> bool:
    world = case.world
    if claim.kind in ("position", "side") and claim.place is not None:
        return _directed(case, claim, subject, other)
    if claim.kind == "relation":
        return holds_between(world, claim, subject, other)
    return holds(world, claim, subject, [other])


def _directed(case: QuestionCase, claim: Claim, subject: Region, other: Region) -> bool:
    """ "above and to the left": directions from the other thing, not places in the image."""
    place, world = claim.place, case.world
    if place is None:
        return False
    tests = {
        "left": ("left_of", subject, other), "right": ("left_of", other, subject),
        "upper": ("above", subject, other), "lower": ("above", other, subject),
    }  # fmt: skip
    wanted = [w for w in (place.row, place.column) if w is not None]
    return bool(wanted) and all(
        w in tests and world.related(tests[w][0], tests[w][1].id, tests[w][2].id) for w in wanted
    )
