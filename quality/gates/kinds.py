"""The semantic type of an option."""

from quality.gates.asked import YES_NO
from quality.gates.world import WORDS
from quality.reading.claims import Claim, Reading
from schemas.vocabulary import findings


def kinds_of_option(option: Reading) -> set[str]:
    """Types an option can be of; two options are parallel when they share one.

    A finding is of its kind (lesion, organ, ...); a number is of its unit; several properties joined
    ("an oval shape with a smooth outline") are of their kinds together.
    """
    if option.text.strip().rstrip(".").lower() in YES_NO:
        return {"yes or no"}
    claims = [c for c in option.claims if c.names("thing") != ["it"]]
    terms = [c for c in claims if c.kind == "term"]
    if terms:
        head = terms[-1]
        rest = sorted({c.kind for c in claims} - {"term", "rank"})
        return {" + ".join([kind, *rest]) for kind in _of_term(head)}
    kinds = sorted({_of(c) for c in claims})
    return {" + ".join(kinds)} if kinds else set()


def _of_term(claim: Claim) -> set[str]:
    kinds = {"body part"} if claim.names("organ") else set()
    kinds |= {"thing"} if claim.names("thing") else set()
    terms = [findings().get(name) for name in claim.names("finding")]
    kinds |= {t.kind for t in terms if t is not None}
    kinds |= {"term of the source"} if None in terms else set()
    return kinds


def _of(claim: Claim) -> str:
    if claim.kind in ("quantity", "count") and claim.quantity is not None:
        return f"number in {claim.quantity.unit or 'counts'}"
    if claim.kind in ("relation", "position", "side") and _direction(claim):
        return "relation"
    if claim.kind in ("plane", "view"):
        return claim.kind
    return claim.kind if claim.kind not in WORDS else f"look: {claim.kind}"


def _direction(claim: Claim) -> bool:
    return claim.kind == "relation"
