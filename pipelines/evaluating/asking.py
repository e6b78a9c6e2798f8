"""One expert, one scan, its labels one by one: what the table counts."""

from collections.abc import Callable, Mapping, Sequence

from expert_models.experts.base import AnyExpert, Found, Prediction, Refusal, Scan, VolumeScan
from pipelines.evaluating.measure import measure
from pipelines.evaluating.tally import Tally
from pipelines.evaluating.truth import Truth, answers
from schemas.declaration import Declaration
from transforms.regions.policy import name_of

BROADER = "only a broader label given"
"""It said "lung" where it did not know the side: no answer for the left lung, and no miss of it."""

Tallies = dict[tuple[str, str], Tally]
"""By name of the expert and label."""


def labels_in(expert: AnyExpert, declaration: Declaration) -> list[str]:
    """The labels of the expert that a source annotates, by name or by a narrower term."""
    drawn = {
        name_of(word, declaration.label_map).name
        for reader in declaration.annotations
        for word in (*reader.declared(), *declaration.label_map)
    }
    return [own for own in expert.card.labels if any(answers(name, own) for name in drawn)]


def compare(
    tallies: Tallies,
    name: str,
    said: Prediction,
    truths: Mapping[str, Truth],
    scan: Scan | VolumeScan,
    patient: str,
) -> None:
    """Enter what an expert said of a scan, against what is drawn of each label."""
    shape = scan.display.shape[:2] if isinstance(scan, Scan) else scan.values.shape
    for label, truth in truths.items():
        tally = tallies.setdefault((name, label), Tally())
        if isinstance(said, Refusal):
            tally.refusals[said.reason] += 1
            continue
        found: list[Found] = [one for one in said if answers(one.label, label)]
        if not found and any(answers(label, one.label) for one in said):
            tally.refusals[BROADER] += 1
            continue
        tally.empty += bool(truth.marks) and not found
        tally.add(measure(found, truth, label, shape, scan.spacing_mm), patient)


def truths_of(labels: Sequence[str], known: Callable[[str], Truth | None]) -> dict[str, Truth]:
    """What is drawn of each label of which the source says anything."""
    found = {label: known(label) for label in labels}
    return {label: truth for label, truth in found.items() if truth is not None}


def predicted(expert: AnyExpert, scan: Scan | VolumeScan) -> Prediction:
    """What the expert says; one that breaks off loses this scan, not the table."""
    try:
        return expert.predict([scan])[0]  # type: ignore[list-item]
    except Exception as error:
        return Refusal("expert_failed", f"{type(error).__name__}: {error}")
