"""Bare numbers that count things, and hints that say what a number measures."""

from quality.reading.claims import Claim
from quality.reading.hedges import is_candidate
from quality.reading.lexicon import Sense
from quality.reading.tokens import Token, bag

_STOPS = bag("in on at of is are was were lies lie measures measure and or with from to than by")
_NOUNS = frozenset(["number", "count", "total"])
_TALLIED = bag("brightness homogeneity outline shape position")
_TALLY_LINKS = bag("are is appear appears look looks in the of them being with")
_JOINED = 4  # tokens that an "and" in between counts as
_OTHER = bag("other further more additional")
_REACH = 5  # tokens between a number and the words that say what it is


def resolve_counts(tokens: list[Token], claims: list[Claim]) -> None:
    """Turn bare numbers into counts of the term they belong to; zero of a thing is its denial."""
    for n, claim in enumerate(claims):
        if claim.kind != "quantity" or claim.quantity is None or claim.quantity.unit is not None:
            continue
        if claim.quantity.shape != "single":
            continue
        if _tally(tokens, claims, n):
            claim.kind = "plain"
            continue
        if _the_two(tokens, claim):
            claim.kind, claim.value = "count", "any"
            claim.senses = (Sense("thing", "any", plural=True),)
            continue
        if _stands_for_things(tokens, claim):
            claim.kind, claim.value, claim.senses = (
                "term",
                "any",
                (Sense("thing", "any", plural=True),),
            )
            continue
        part = _part_of(tokens, claims, n)
        term = part or _counted_after(tokens, claims, n) or _counted_before(tokens, claims, n)
        if term is None:
            part = term = _part_before(tokens, claims, n)
        if term is None:
            claim.kind = "plain" if tokens[claim.start].word == "one" else claim.kind
            continue
        between = {t.word for t in tokens[claim.end : term.start]}
        claim.role = "part" if part else "other" if between & _OTHER else ""
        claim.kind, claim.value, claim.senses = "count", term.value, term.senses
        claim.hedge = term.hedge
        if claim.quantity.values[0] == 0:
            claim.kind, term.negated = "plain", True


def _tally(tokens: list[Token], claims: list[Claim], n: int) -> bool:
    """ "14 are round and 5 oval": the number counts those of which the next property holds."""
    if n + 1 >= len(claims) or claims[n + 1].kind not in _TALLIED:
        return False
    between = tokens[claims[n].end : claims[n + 1].start]
    if any(t.word not in _TALLY_LINKS for t in between) or _noun_after(tokens, claims, n + 1):
        return False
    claims[n + 1].quantity = claims[n].quantity
    return True


def _noun_after(tokens: list[Token], claims: list[Claim], n: int) -> bool:
    """ "14 round nuclei": the property belongs to a noun, and the number counts that noun."""
    if n + 1 >= len(claims) or claims[n].kind == "position":
        return False
    adjacent = claims[n + 1].start == claims[n].end
    return adjacent and (claims[n + 1].kind == "term" or _noun_after(tokens, claims, n + 1))


def _stands_for_things(tokens: list[Token], claim: Claim) -> bool:
    """ "two of 22 x 16 mm and 18 x 12 mm": so many of the things just named."""
    after = tokens[claim.end : claim.end + 2]
    return len(after) == 2 and after[0].word in ("of", "measuring") and after[1].kind == "number"


def _the_two(tokens: list[Token], claim: Claim) -> bool:
    """ "of the two, the liver is larger", "the larger of the two": so many things, named elsewhere."""
    before = tokens[claim.start - 1].word if claim.start else ""
    ends = claim.end >= len(tokens) or tokens[claim.end].word in (",", ".", "?")
    return ends and before in ("the", "these")


def _part_of(tokens: list[Token], claims: list[Claim], n: int) -> Claim | None:
    """ "three of the nuclei": the term that part is taken of."""
    if n + 1 >= len(claims) or claims[n + 1].kind != "term":
        return None
    between = [t.word for t in tokens[claims[n].end : claims[n + 1].start]]
    if "of" in between and set(between) <= {"of", "the", "these", "those", "all"}:
        return _of_what(tokens, claims, n + 1)
    return None


def _part_before(tokens: list[Token], claims: list[Claim], n: int) -> Claim | None:
    """ "of the nuclei, two are ...", "among the masses, three lie ..."."""
    start = claims[n].start
    for claim in reversed(claims[:n]):
        if claim.kind == "term" and [t.word for t in tokens[claim.end : start]] == [","]:
            opening = tokens[0].word in ("of", "among", "amongst")
            return claim if opening else None
    return None


def _of_what(tokens: list[Token], claims: list[Claim], n: int) -> Claim:
    """The term that says what: "oedema" of "areas of oedema"."""
    if claims[n].names("thing") and n + 1 < len(claims) and claims[n + 1].kind == "term":
        between = [t.word for t in tokens[claims[n].end : claims[n + 1].start]]
        return claims[n + 1] if between == ["of"] else claims[n]
    return claims[n]


def _counted_after(tokens: list[Token], claims: list[Claim], n: int) -> Claim | None:
    """ "12 round nuclei": the head of the noun phrase that follows without a preposition or verb."""
    head, end = None, claims[n].end
    for at, claim in enumerate(claims[n + 1 :], start=n + 1):
        between = {t.word for t in tokens[end : claim.start]}
        if between & _STOPS or any(t.kind == "mark" for t in tokens[end : claim.start]):
            break
        if claim.kind == "term":
            if head is None or not is_candidate(claim):  # "three nucleus candidates"
                head = _of_what(tokens, claims, at)
        elif head is not None or claim.kind in ("quantity", "relation"):
            break
        end = claim.end
    return head


def _counted_before(tokens: list[Token], claims: list[Claim], n: int) -> Claim | None:
    """ "the number of nuclei is 12", "nuclei: 12", "the nuclei number 12"."""
    start = claims[n].start
    for claim in reversed(claims[:n]):
        if claim.kind in ("quantity", "count"):
            return None
        if claim.kind != "term":
            continue
        between = [t.word for t in tokens[claim.end : start]]
        before = {t.word for t in tokens[max(0, claim.start - 4) : claim.start]}
        colon = between == [":"] and (start + 1 >= len(tokens) or tokens[start + 1].kind == "mark")
        if len(between) <= _REACH and (colon or before & _NOUNS or set(between) & _NOUNS):
            return _proposed(claims, claim)
        return None
    return None


def _proposed(claims: list[Claim], claim: Claim) -> Claim:
    """ "nucleus" of "nucleus candidates", which is what they are candidates of."""
    heads = [c for c in claims if is_candidate(claim) and c.end == claim.start and c.kind == "term"]
    return heads[0] if heads else claim


def attach_hints(tokens: list[Token], claims: list[Claim]) -> list[Claim]:
    """Give quantities their measure and aggregate words; return the claims without the hints."""
    for claim in claims:
        if claim.quantity is not None and claim.kind == "quantity":
            claim.quantity.extreme = _extreme(tokens, claim)
    hints = [c for c in claims if c.kind in ("measure", "aggregate")]
    quantities = [c for c in claims if c.quantity is not None and c.kind == "quantity"]
    for claim in quantities:
        near = _nearest(tokens, claim, [h for h in hints if h.kind == "measure"], quantities)
        if near is not None and claim.quantity is not None:
            claim.quantity.measure = near.value
        near = _nearest(tokens, claim, [h for h in hints if h.kind == "aggregate"], quantities)
        if near is not None and claim.quantity is not None:
            claim.quantity.aggregate = near.value
    for hint in claims:
        if hint.kind == "quantifier":
            _loosen(tokens, hint, claims)
    _share_units(claims)
    return [c for c in claims if c.kind not in ("measure", "aggregate", "quantifier", "plain")]


_LEAST = bag("from start starts begin begins minimum least")
_MOST = bag("reach reaches to maximum end ends most")


def _extreme(tokens: list[Token], claim: Claim) -> str | None:
    """ "start at 16 and reach 24 px": the smallest and the largest of several."""
    before = [t.word for t in tokens[max(0, claim.start - 2) : claim.start]]
    if _LEAST & set(before):
        return "min"
    return "max" if _MOST & set(before) else None


def _loosen(tokens: list[Token], quantifier: Claim, claims: list[Claim]) -> None:
    """ "mostly in the upper left and center": the places that follow hold for most, not for all."""
    for claim in claims:
        stopped = any(t.word in (";", ".") for t in tokens[quantifier.end : claim.start])
        if claim.kind == "position" and claim.start >= quantifier.end and not stopped:
            claim.role = quantifier.value


def _share_units(claims: list[Claim]) -> None:
    """ "the smallest is 5 and the largest 14 px": a bare number takes the unit of the next
    quantity.
    """
    following: str | None = None
    for claim in reversed(claims):
        if claim.kind == "quantity" and claim.quantity is not None:
            if claim.quantity.unit is None and claim.quantity.shape == "single":
                claim.quantity.unit = following
            following = claim.quantity.unit


def _nearest(
    tokens: list[Token], claim: Claim, hints: list[Claim], quantities: list[Claim]
) -> Claim | None:
    """The closest fitting hint of the same clause with no other quantity in between; after wins a
    tie.
    """
    best: tuple[int, int, Claim] | None = None
    for hint in hints:
        if claim.quantity is not None and not _fits(hint.value, claim.quantity.unit):
            continue
        after = hint.start >= claim.end
        low, high = (claim.end, hint.start) if after else (hint.end, claim.start)
        if any(t.word in (";", ".") for t in tokens[low:high]):
            continue
        if any(low <= q.start < high for q in quantities):
            continue
        joined = any(t.word in ("and", ",") for t in tokens[low:high])
        rank = (high - low + _JOINED * joined, 0 if after else 1)
        if best is None or rank < best[:2]:
            best = (*rank, hint)
    return best[2] if best else None


_UNITS = {
    "major_axis": ("mm", "cm", "um", "px"), "minor_axis": ("mm", "cm", "um", "px"),
    "total": ("%", "mL", "L", "mm3"), "distance": ("mm", "cm", "um", "px"), "area_fraction": ("%",), "volume": ("mL", "L", "mm3"),
    "attenuation": ("HU",), "age": ("a",), "magnification": ("x",),
}  # fmt: skip


def _fits(measure: str, unit: str | None) -> bool:
    return unit is not None and unit in _UNITS.get(measure, (unit,))
