"""One text judged against picture and facts: supported, contradicted, or not to be decided."""

from dataclasses import dataclass
from typing import Any

from quality.rubric.bench import Bench
from quality.rubric.evidence import Evidence, evidence_of, row_schema
from schemas.verdict import Verdict
from transforms.prompting.aliases import Aliases
from transforms.prompting.answer_schema import Schema, one_of

VERDICTS = ("supported", "contradicted", "not_decidable")
_REASONS = {"contradicted": "verifier_contradicts"}


@dataclass(frozen=True)
class Judgement:
    """said: of VERDICTS, as answered."""

    said: str
    evidence: Evidence

    @property
    def supported(self) -> bool:
        """Said so, with evidence that counts."""
        return self.said == "supported" and not self.evidence.void

    @property
    def reason(self) -> str | None:
        """Why it is not supported; None where it is."""
        if self.supported:
            return None
        return (
            "verifier_undecided"
            if self.evidence.void
            else _REASONS.get(self.said, "verifier_undecided")
        )

    @property
    def told(self) -> str:
        """For people: the answer and its evidence, or why that is void."""
        void = f"; void: {self.evidence.void}" if self.evidence.void else ""
        return f"{self.said}: {self.evidence}{void}"

    def verdict(self, gate: str) -> Verdict:
        return Verdict(gate, self.supported, self.told, "supported", self.reason)


def verdict_schema(title: str, aliases: Aliases) -> Schema:
    """Evidence, then the answer."""
    return row_schema(title, aliases, {"verdict": one_of(VERDICTS)})


def judgement_of(row: dict[str, Any], text: str, bench: Bench) -> Judgement:
    """What one row of an answer says of `text`. Where no picture was shown, only names are evidence."""
    evidence = evidence_of(row, [text], bench.aliases)
    if not evidence.void and not evidence.ids and all(v.image is None for v in bench.aliases.views):
        evidence = Evidence(evidence.quote, [], "names nothing, and there is no picture")
    return Judgement(row["verdict"], evidence)
