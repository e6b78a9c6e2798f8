"""What a term of a text can be: a region named by the sentence, another region, a label, a body
part.
"""

from quality.gates.case import Case
from quality.gates.world import World
from quality.reading.claims import Claim
from schemas.vocabulary import findings


def is_named(case: Case, claim: Claim) -> bool:
    """Is it what a named region may be called, or an image-level label, or the body part shown?"""
    return is_region_of(case, claim) or is_image_level(case.world, claim)


def is_region_of(case: Case, claim: Claim) -> bool:
    return any(case.world.called(r, claim) for r in case.named)


def is_image_level(world: World, claim: Claim) -> bool:
    """The body part shown, or a finding stated of the image as a whole; not one named in doubt."""
    return not claim.hedge and any(
        (s.kind == "organ" and s.value in world.organs)
        or (s.kind == "finding" and s.value in world.image_findings)
        or (s.kind == "finding" and s.value in world.organs)
        for s in claim.senses
    )


def stated(case: Case) -> list[Claim]:
    """Terms that the text states (does not deny) and that say something by themselves."""
    terms = (c for c in case.reading.claims if c.kind == "term" and not c.negated)
    return [c for c in terms if not is_only_generic(c)]


def is_only_generic(claim: Claim) -> bool:
    """ "region", "structure": says nothing by itself."""
    return all(s.kind == "thing" for s in claim.senses)


def is_anatomy(claim: Claim) -> bool:
    """A body part or an organ-like structure, not a disease or lesion."""
    if claim.names("organ"):
        return True
    kinds = {t.kind for name in claim.names("finding") if (t := findings().get(name))}
    return bool(kinds) and kinds <= {"organ", "structure", "tissue"}
