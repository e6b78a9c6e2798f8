"""Gates and verifier together: a contradiction is final, what is undecided needs the verifier."""

from collections.abc import Sequence

from quality.gates.undecided import contradictions, is_undecided
from schemas.verdict import Verdict

HEADS = ("rubric_sentence", "rubric_score", "rubric_conversation")
"""The verdicts by which a verifier has judged the whole of a sentence, question or conversation."""


def hopeless(verdicts: Sequence[Verdict]) -> bool:
    """Has a gate found a contradiction, so that no verifier need be asked?"""
    return bool(contradictions(verdicts))


def supports(rubric: Sequence[Verdict]) -> bool:
    """The verifier judged the whole row and failed it in nothing."""
    return all(v.passed for v in rubric) and any(v.gate in HEADS for v in rubric)


def settled(verdicts: Sequence[Verdict], rubric: Sequence[Verdict]) -> list[Verdict]:
    """All verdicts on one row, those of gates first; it is released when every one passed.

    What a gate could not decide passes only where the verifier supports the row, and says so: its
    `measured` begins with "undecided" and its `limit` is "verifier supports". Where the verifier was
    not asked, gave no answer or does not support the row, it stays failed. No verifier makes good a
    contradiction, nor is anything undecided passed beside one.
    """
    released = supports(rubric) and not hopeless(verdicts)
    return [_settled(v) if released and is_undecided(v) else v for v in verdicts] + list(rubric)


def _settled(verdict: Verdict) -> Verdict:
    found = f"undecided: {verdict.reason}: {verdict.measured}"
    return Verdict(verdict.gate, True, found, "verifier supports", None)
