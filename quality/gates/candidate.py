"""What an expert only proposes is called a candidate, and what is there is not.

"Candidate" and its like ("possible", "suspected") leave open what is there, as the expert does. "Likely"
does not: nobody measured how likely. And what a source states is no candidate; a text that says so
would make the word mean nothing.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from quality.gates.asked import QuestionCase
from quality.gates.case import Case
from quality.gates.terms import is_image_level, is_only_generic
from quality.gates.verdicts import judged
from quality.gates.world import World
from quality.reading.claims import Claim
from quality.reading.hedges import is_candidate, says_what
from schemas.region import Region
from schemas.verdict import Verdict
from schemas.vocabulary import findings

GATE = "candidate"
STATED, DOUBTED = "candidate_stated_as_fact", "fact_stated_as_candidate"


@dataclass(frozen=True)
class _Said:
    """What a text names, and the regions that it may mean."""

    world: World
    named: Sequence[Region]
    claims: list[Claim]

    @property
    def bald(self) -> list[Claim]:
        """Names as of things that are there; "likely" makes them no candidates."""
        return [c for c in self.claims if c.hedge != "open" and not is_candidate(c)]

    def stated(self) -> list[str]:
        """Candidates that are named as if they were there."""
        open_names = [c for c in self.claims if is_candidate(c) != (c.hedge == "open")]
        wrong = [c.value for c in self.bald if self._rests_on_candidates(c)]
        for r in (r for r in self.named if r.candidate):
            bald = [c.value for c in self.bald if self.world.called(r, c)]
            if bald and not any(self.world.called(r, c) for c in open_names):
                wrong += bald
        return wrong

    def _rests_on_candidates(self, claim: Claim) -> bool:
        pool = self.named or ([] if is_only_generic(claim) else self.world.sheet.regions)
        known = [r for r in pool if self.world.called(r, claim)]
        if not self.named and not known:
            return any(s.value in self.world.possible for s in claim.senses)
        if not known or not all(r.candidate for r in known):
            return False
        return bool(claim.hedge) or not is_image_level(self.world, claim)

    def doubted(self) -> list[str]:
        """What is there and is named in doubt."""
        pool = self.named or self.world.sheet.regions
        return [c.value for c in self.claims if self._is_there(c, pool)]

    def overdrawn(self) -> list[str]:
        """ "All lesions are candidates" where one is there: each of that kind that is none."""
        wrong = []
        for n, claim in enumerate(self.claims):
            if is_candidate(claim) and claim.role == "all":
                kind = self.claims[n - 1] if n else None
                wrong += [r.label for r in self.world.sheet.things if self._denies(kind, r)]
        return wrong

    def _denies(self, kind: Claim | None, region: Region) -> bool:
        term = findings().get(region.label)
        if region.candidate or (term is not None and term.background):
            return False
        if kind is None or (is_only_generic(kind) and not says_what(kind)):
            return True
        return any(self.world.is_a(region, s.kind, s.value) for s in kind.senses)

    def _is_there(self, claim: Claim, pool: Sequence[Region]) -> bool:
        world = self.world
        if not (claim.hedge or is_candidate(claim)) or any(world.called(r, claim) for r in pool):
            return False
        if is_candidate(claim):
            return True
        senses = [(s.kind, s.value) for s in claim.senses]
        certain = any(world.is_a(r, *s) for r in pool if not r.candidate for s in senses)
        return certain or any(world.has(*s) for s in senses)

    def verdict(self) -> Verdict:
        stated, doubted = self.stated(), self.doubted() + self.overdrawn()
        read = ", ".join(c.value for c in self.claims if c.hedge)
        return judged(GATE, stated or doubted, STATED if stated else DOUBTED, measured=read)


def judge(case: Case) -> Verdict:
    """What is only a candidate is called one, and what is known to be there is not.

    "Polyp candidate" and "possible polyp" name a candidate; "polyp", "lesion" and "likely polyp" do not.
    """
    return _Said(case.world, case.named, _names(case.reading.claims)).verdict()


def judge_question(case: QuestionCase) -> Verdict:
    """Stem and key state no candidate as there, and nobody is asked whether or how many there are.

    What lies at the place of a candidate may be asked about: how it looks, what it touches.
    """
    stem = _names(case.stem.claims)
    asked = [c.value for c in stem if c.hedge and (case.polar or case.counts)]
    at = case.question.answer_index or 0
    key = case.options[at].claims if at < len(case.options) else []
    every = [*stem, *(c for option in case.options for c in _names(option.claims))]
    stated, doubted = _said(case, [*stem, *_names(key)]).stated(), _said(case, every).doubted()
    if case.polar and case.question.answer.strip().lower() in ("no", "false"):
        stated = []  # a plain stem denied: whether that can be said is the gate `key`'s affair
    read = ", ".join(c.value for c in every if c.hedge)
    wrong = asked or stated
    return judged(GATE, wrong or doubted, STATED if wrong else DOUBTED, measured=read)


def _said(case: QuestionCase, claims: list[Claim]) -> _Said:
    return _Said(case.world, case.named, claims)


def _names(claims: Sequence[Claim]) -> list[Claim]:
    """Names of things, in doubt or not, that are not denied."""
    return [
        c
        for c in claims
        if c.kind == "term" and not c.negated and (says_what(c) or is_candidate(c))
    ]
