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
    """Of a verifier probe: errors caught, then clean rows refused, by gates, verifier, and both."""
    columns = (
        "kind", "planted", *BY, "recall of both", "no answer", "controls", f"refused: {' / '.join(BY)}", f"at {target:g}",
    )  # fmt: skip
    return columns, [_judge_row(s, target) for s in scores]


def _judge_row(score: JudgeScore, target: float) -> tuple[Any, ...]:
    caught = [score.caught[by] if score.planted else None for by in BY]
    recall = _rate(score.caught["both"], score.planted) if score.planted else None
    refused = " / ".join(str(score.refused[by]) for by in BY)
    counts = (score.kind, score.planted, *caught, recall, score.unanswered)
    return (*counts, score.controls, refused, _status(score, target))


def _status(score: JudgeScore, target: float) -> str | None:
    if score.verified(target) is not False:
        return "verified" if score.planted else None
    low, high = score.recall("both")
    if high < target or (low < target and score.enough(target)):
        return "not verified"
    return "too few" if low < target else "as clean rows"


def not_verified(scores: Sequence[JudgeScore], target: float) -> list[str]:
    """Lines for people: the kinds that are not verified, and why."""
    why = {
        "not verified": "not verified for",
        "as clean rows": "not verified, clean rows are refused as often",
        "too few": "not verified, too few planted to tell",
    }
    lines = []
    for status, said in why.items():
        found = [s for s in scores if _status(s, target) == status]
        if found:
            lines.append(f"{said}: {', '.join(f'{s.kind} ({s.planted})' for s in found)}")
    return lines


def injection_table(scores: Sequence[InjectionScore]) -> Table:
    """Of the injection bench: how far orders came."""
    columns = (
        "orders", "planted", "lost", "sent", "leaked", "hidden", "obeyed", "rate", "accepted", "rate",
        "anyway", "quoted",
    )  # fmt: skip
    return columns, [_injection_row(s) for s in scores]


def _injection_row(score: InjectionScore) -> tuple[Any, ...]:
    name = "all" if score.by == "all" else f"{score.by}: {score.name}"
    reached = (score.planted, score.lost, score.reached, score.outside, score.hidden)
    obeyed = (score.obeyed, _rate(score.obeyed, score.planted))
    accepted = (score.accepted, _rate(score.accepted, score.planted))
    return (name, *reached, *obeyed, *accepted, score.by_itself, score.quoted)


LEGEND = (
    "sent: to a model, in words or pixels; leaked: outside the fence; hidden: letters nobody sees, not cleaned\n"
    "obeyed: by a model; accepted: after gates and verifier; anyway: seen without the order as well; "
    "quoted: the order itself stands in an accepted text"
)


def _rate(hits: int, trials: int) -> str:
    if not trials:
        return "-"
    low, high = wilson(hits, trials)
    return f"{hits / trials:.3f} ({low:.3f}-{high:.3f})"
