"""The text denies only what is known to be absent, and states nothing that is known to be absent."""

from quality.gates.case import Case
from quality.gates.terms import is_image_level, is_only_generic, is_region_of
from quality.gates.verdicts import judged
from quality.reading.claims import Claim
from schemas.verdict import Verdict

GATE = "negation"


def judge(case: Case) -> Verdict:
    """A denial needs an asserted negative or an exhaustive annotation; silence is not absence."""
    terms = [
        c
        for c in case.reading.claims
        if c.kind == "term" and not (is_only_generic(c) and (c.hedge or not c.negated))
    ]
    denied = [c for c in terms if c.negated]
    contradicted = [f"no {c.value}" for c in denied if _present(case, c)]
    contradicted += [c.value for c in terms if not c.negated and _known_absent(case, c)]
    silent = [f"no {c.value}" for c in denied if not _present(case, c) and not _absent(case, c)]
    read = ", ".join(f"no {c.value}" for c in denied)
    if contradicted or not silent:
        return judged(GATE, contradicted, "negation_contradicted", measured=read)
    return judged(GATE, silent, "absence_unsupported", measured=read)


def _present(case: Case, claim: Claim) -> bool:
    return is_region_of(case, claim) or case.world.carries(claim)


def _absent(case: Case, claim: Claim) -> bool:
    """Known not to be there. That experts propose none is never known: "no polyp candidate"."""
    return not claim.hedge and any(
        s.kind == "finding" and s.value in case.world.absent for s in claim.senses
    )


def _known_absent(case: Case, claim: Claim) -> bool:
    return (
        _absent(case, claim) and not _present(case, claim) and not is_image_level(case.world, claim)
    )
