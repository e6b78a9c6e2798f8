"""Blind tests and repeated judgements, read back from the verdicts of the released rows."""

from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq

from quality.balance.clustered import clustered
from quality.report.shares import percent, share_of
from quality.report.tables import Table
from quality.rubric.outcome import outcome_of, visual_reliance
from schemas.verdict import Verdict
from transforms.card.summary import Summary, total

SHOWN = {
    "real": "the image itself",
    "masked": "the image without the region asked about",
    "other_image": "another patient's image of the same modality",
    "blank": "a blank picture",
    "no_image": "no picture, only the question",
    "options_only": "the options alone, neither picture nor question",
}
REPEAT = "rubric_repeat"
ASKED = {"vqa": "questions", "conversations": "conversations"}
Judged = dict[str, list[tuple[str, list[Verdict]]]]


def blind(corpus: Path, summary: Summary) -> list[Table]:
    """What is answered without seeing; empty where no blind test was made. Reads verdicts only."""
    if not any(gate.startswith("blind_") for (gate,) in total(summary.gates, 1)):
        return []
    made = _tests(list(_verdicts(corpus, summary, "vqa")), summary)
    return [made] if made.rows else []


def repeats(corpus: Path, summary: Summary) -> list[Table]:
    """Did the judge say the same when it was asked a second time? Empty where it was not."""
    if (REPEAT,) not in total(summary.gates, 1):
        return []
    return [_repeats({config: list(_verdicts(corpus, summary, config)) for config in ASKED})]


def _verdicts(corpus: Path, summary: Summary, config: str) -> Iterator[tuple[str, list[Verdict]]]:
    """Patient and verdicts of every row of a config."""
    for data in summary.files:
        if data.config == config:
            with pq.ParquetFile(corpus / data.path) as file:
                for batch in file.iter_batches(1024, columns=["patient_key", "verdicts"]):
                    for row in batch.to_pylist():
                        yield row["patient_key"], [Verdict(**v) for v in row["verdicts"]]


def _tests(judged: list[tuple[str, list[Verdict]]], summary: Summary) -> Table:
    """What the verifier answered right, by what it was shown."""
    counts: dict[str, dict[str, tuple[int, int]]] = defaultdict(dict)
    items: dict[str, int] = defaultdict(int)
    for patient, verdicts in judged:
        for outcome in filter(None, map(outcome_of, verdicts)):
            items[outcome.test] += 1
            hits, draws = counts[outcome.test].get(patient, (0, 0))
            draws += outcome.samples - outcome.silent
            counts[outcome.test][patient] = hits + outcome.right, draws
    rows = []
    for test, shown in SHOWN.items():
        answered = {p: c for p, c in counts[test].items() if c[1]}
        if answered:
            found = clustered(answered)
            told = share_of(found.hits, found.items, found.low, found.high)
            rows.append([shown, items[test], found.items, told])
    head = ["what the model was shown", "questions", "answers", "right"]
    return Table("Answered without seeing", head, rows, _note(judged, summary))


def _note(judged: list[tuple[str, list[Verdict]]], summary: Summary) -> str:
    dropped = sum(
        n for (gate,), n in total(summary.rejects, 2).items() if gate.startswith("blind_")
    )
    told = (
        "Over the released questions, so what was dropped for being answered blind is no longer in"
        f" here: {dropped:,} questions. The interval counts patients."
    )
    reliance = visual_reliance(verdicts for _, verdicts in judged)
    if reliance is None:
        return told
    return (
        f"{told} Visual reliance: on {reliance.items:,} questions asked both ways the right image gave"
        f" {percent(reliance.real)} right answers and another patient's {percent(reliance.other)}, a"
        f" difference of {100 * reliance.difference:.0f} percentage points; 0 would mean that the"
        " picture does not matter."
    )


def _repeats(judged: Judged) -> Table:
    rows: list[list[Any]] = []
    for config, name in ASKED.items():
        said = [v.measured for _, marks in judged[config] for v in marks if v.gate == REPEAT]
        answered = [m for m in said if m != "no answer"]
        if said:
            same = sum(m == "same" for m in answered)
            told = share_of(same, len(answered))
            rows.append([name, len(said), len(said) - len(answered), same, told])
    head = ["what", "judged twice", "without answer", "same judgement", "share"]
    note = "A slice drawn by keyed hash, released rows only."
    return Table("Does the judge repeat itself?", head, rows, note)
