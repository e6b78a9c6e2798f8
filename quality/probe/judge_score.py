"""What gates, verifier, and both together made of one kind of error."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from quality.gates.undecided import contradictions
from quality.intervals import wilson
from quality.rubric.settle import settled
from schemas.verdict import Verdict

BY = ("gates", "verifier", "both")
FAILED = "verifier_failed"
TARGET = 0.9  # lower bound of recall from which a kind counts as verified


@dataclass(frozen=True)
class Opinion:
    """The verdicts on one row: of the deterministic gates, and of the model verifier alone."""

    gates: list[Verdict]
    rubric: list[Verdict]

    @property
    def answered(self) -> bool:
        """The verifier said something that could be used."""
        return all(v.reason != FAILED for v in self.rubric)

    @property
    def undecided(self) -> bool:
        """No gate refutes the row, but one cannot confirm it: the verifier decides."""
        return not contradictions(self.gates) and any(not v.passed for v in self.gates)

    def refused(self) -> dict[str, bool]:
        """Who refuses the row. An unanswered row is refused by nobody's judgement, only for safety."""
        return {
            "gates": bool(contradictions(self.gates)),
            "verifier": any(not v.passed for v in self.rubric),
            "both": any(not v.passed for v in settled(self.gates, self.rubric)),
        }

    def caught(self) -> dict[str, bool]:
        """Who saw the error: a verifier that did not answer saw nothing."""
        refused = self.refused()
        if self.answered:
            return refused
        return refused | {"verifier": False, "both": refused["gates"]}


def _none() -> dict[str, int]:
    return dict.fromkeys(BY, 0)


@dataclass
class JudgeScore:
    """One kind of error. caught, refused: plants and clean rows by who refused them (see BY).

    undecided: plants that no gate refutes and one cannot confirm. unanswered: plants on which the
    verifier gave no usable answer, which count as missed; clean rows without answer count as refused.
    """

    kind: str
    planted: int = 0
    controls: int = 0
    undecided: int = 0
    unanswered: int = 0
    caught: dict[str, int] = field(default_factory=_none)
    refused: dict[str, int] = field(default_factory=_none)
    missed: list[str] = field(default_factory=list)  # texts that both let pass
    lost: list[str] = field(default_factory=list)  # clean texts that both refused

    def add_plant(self, text: str, opinion: Opinion) -> None:
        """Count one planted row."""
        self.planted += 1
        self.undecided += opinion.undecided
        self.unanswered += not opinion.answered
        caught = opinion.caught()
        for by in BY:
            self.caught[by] += caught[by]
        if not caught["both"]:
            self.missed.append(text)

    def add_control(self, text: str, opinion: Opinion) -> None:
        """Count one clean row."""
        self.controls += 1
        refused = opinion.refused()
        for by in BY:
            self.refused[by] += refused[by]
        if refused["both"]:
            self.lost.append(text)

    def recall(self, by: str) -> tuple[float, float]:
        """Wilson interval of the share of plants caught."""
        return wilson(self.caught[by], self.planted)

    def enough(self, target: float) -> bool:
        """Whether so many plants, were all of them caught, would show a recall of `target`."""
        return wilson(self.planted, self.planted)[0] >= target

    @property
    def discriminates(self) -> bool:
        """Plants are refused more often than clean rows, and not by chance: the intervals lie apart.
        Who refuses everything catches everything, and shows nothing by it.
        """
        return self.recall("both")[0] > wilson(self.refused["both"], self.controls)[1]

    def verified(self, target: float) -> bool | None:
        """Whether gates and verifier together are shown to catch this kind; None for controls."""
        if not self.planted:
            return None
        return self.recall("both")[0] >= target and self.discriminates

    def as_json(self, target: float) -> dict[str, Any]:
        """Counts, intervals as [low, high], and whether the kind is verified."""
        return {
            "kind": self.kind,
            "planted": self.planted,
            "caught": dict(self.caught),
            "recall": {by: _rounded(self.recall(by)) for by in BY} if self.planted else None,
            "undecided_by_gates": self.undecided,
            "unanswered": self.unanswered,
            "controls": self.controls,
            "refused": dict(self.refused),
            "false_rejects": {by: _rounded(wilson(self.refused[by], self.controls)) for by in BY},
            "verified": self.verified(target),
            "enough": self.enough(target),
            "discriminates": self.discriminates if self.planted else None,
        }


def total(scores: Sequence[JudgeScore]) -> JudgeScore:
    """All kinds together."""
    made = JudgeScore("all")
    for score in scores:
        made.planted += score.planted
        made.controls += score.controls
        made.undecided += score.undecided
        made.unanswered += score.unanswered
        for by in BY:
            made.caught[by] += score.caught[by]
            made.refused[by] += score.refused[by]
    return made


def _rounded(interval: tuple[float, float]) -> list[float]:
    return [round(edge, 4) for edge in interval]
