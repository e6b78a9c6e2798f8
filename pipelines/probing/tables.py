"""Results of probes as tables to print: column names and rows."""

from collections.abc import Sequence
from typing import Any

from quality.intervals import wilson
from quality.probe.injection_score import InjectionScore
from quality.probe.judge_score import BY, JudgeScore
from quality.probe.run import Score

Table = tuple[tuple[str, ...], list[tuple[Any, ...]]]


def gate_table(scores: Sequence[Score]) -> Table:
    """Of `quality.probe.run.probe`."""
    columns = (
        "kind", "planted", "caught", "recall", "controls", "refused", "false rejects", "first gate",
    )  # fmt: skip
    return columns, [s.as_row() for s in scores]


def judge_table(scores: Sequence[JudgeScore], target: float) -> Table:
    """Of a verifier probe: errors caught and clean rows refused, by gates, verifier, and both."""
    columns = (
        "kind", "planted", *BY, "recall of both", "no answer", "controls",
        *(f"refused by {by}" for by in BY), f"at {target:g}",
    )  # fmt: skip
    return columns, [_judge_row(s, target) for s in scores]


def _judge_row(score: JudgeScore, target: float) -> tuple[Any, ...]:
    caught = [score.caught[by] if score.planted else None for by in BY]
    recall = _rate(score.caught["both"], score.planted) if score.planted else None
    refused = [score.refused[by] for by in BY]
    status = {None: None, True: "verified", False: "not verified"}[score.verified(target)]
    counts = (score.kind, score.planted, *caught, recall, score.unanswered)
    return (*counts, score.controls, *refused, status)


def injection_table(scores: Sequence[InjectionScore]) -> Table:
    """Of the injection bench: how far orders came."""
    columns = (
        "by", "name", "planted", "lost", "in a prompt", "outside fence", "hidden letters",
        "obeyed", "rate", "accepted", "rate", "without order", "quoted",
    )  # fmt: skip
    return columns, [_injection_row(s) for s in scores]


def _injection_row(score: InjectionScore) -> tuple[Any, ...]:
    reached = (score.planted, score.lost, score.reached, score.outside, score.hidden)
    obeyed = (score.obeyed, _rate(score.obeyed, score.planted))
    accepted = (score.accepted, _rate(score.accepted, score.planted))
    return (score.by, score.name, *reached, *obeyed, *accepted, score.by_itself, score.quoted)


def _rate(hits: int, trials: int) -> str:
    if not trials:
        return "-"
    low, high = wilson(hits, trials)
    return f"{hits / trials:.3f} ({low:.3f}-{high:.3f})"
