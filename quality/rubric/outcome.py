"""What blind tests found, item by item, and how much of the answers came from the picture."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from quality.rubric.choice import TESTS, Test
from schemas.verdict import Verdict

_TOLD = re.compile(r"(?P<right>\d+) of (?P<samples>\d+) right(?:, (?P<silent>\d+) without answer)?")
_GATES = {f"blind_{test}": test for test in TESTS}


@dataclass(frozen=True)
class Outcome:
    """One test of one item: `right` of `samples` draws; `silent`: those without usable answer."""

    test: Test
    right: int
    samples: int
    silent: int = 0

    @property
    def told(self) -> str:
        silent = f", {self.silent} without answer" if self.silent else ""
        return f"{self.right} of {self.samples} right{silent}"

    @property
    def share(self) -> float:
        """Of the draws that were answered; 0 where none was."""
        answered = self.samples - self.silent
        return self.right / answered if answered else 0.0


def outcome_of(verdict: Verdict) -> Outcome | None:
    """The outcome that a verdict of a blind test tells; None of other verdicts."""
    told = _TOLD.match(verdict.measured or "")
    test = _GATES.get(verdict.gate)
    if told is None or test is None:
        return None
    return Outcome(test, int(told["right"]), int(told["samples"]), int(told["silent"] or 0))


@dataclass(frozen=True)
class Reliance:
    """Over items that took both tests: mean share right with the own picture and with another's."""

    items: int
    real: float
    other: float

    @property
    def difference(self) -> float:
        """Visual reliance: 0 where the picture does not matter."""
        return self.real - self.other


def visual_reliance(items: Iterable[Sequence[Verdict]]) -> Reliance | None:
    """From the verdicts of each item; None where no item took both tests."""
    pairs = []
    for verdicts in items:
        found = {o.test: o for v in verdicts if (o := outcome_of(v)) is not None}
        if "real" in found and "other_image" in found:
            pairs.append((found["real"].share, found["other_image"].share))
    if not pairs:
        return None
    real, other = (sum(column) / len(pairs) for column in zip(*pairs, strict=True))
    return Reliance(len(pairs), real, other)
