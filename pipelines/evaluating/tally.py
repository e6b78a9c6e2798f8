"""Figures of many pictures, added up to rows of a table."""

from collections import Counter
from dataclasses import asdict, dataclass, field

from pipelines.evaluating.halves import Half
from pipelines.evaluating.measure import Figures
from quality.agreement.interval import ratio


@dataclass(frozen=True)
class Row:
    """One line of the table.

    low, high  95 % interval over patients; None: fewer than five of them
    images     pictures that the value is taken over; patients: whose they are
    refused    pictures that the expert did not look at, or gave only a broader label for, of those that show
               the label (or are known not to)
    empty      pictures that show the label, where it found nothing; they count as 0, but have no distance
    half       of the items that were read
    """

    expert: str
    source: str
    label: str
    metric: str
    value: float | None
    low: float | None
    high: float | None
    images: int
    patients: int
    refused: int
    empty: int
    half: Half = "report"

    def as_json(self) -> dict[str, object]:
        """Plain values for `--json`."""
        return asdict(self)


@dataclass
class Tally:
    """Of one expert, source and label. Holds a few numbers a picture, no pixels."""

    parts: dict[str, list[tuple[float, float]]] = field(default_factory=dict)
    patients: dict[str, list[str]] = field(default_factory=dict)
    refusals: Counter[str] = field(default_factory=Counter)
    empty: int = 0

    def add(self, figures: Figures, patient: str) -> None:
        """Take in the figures of one picture."""
        for metric, part in figures.items():
            self.parts.setdefault(metric, []).append(part)
            self.patients.setdefault(metric, []).append(patient)

    def rows(self, expert: str, source: str, label: str, half: Half) -> list[Row]:
        """A row for each metric; one without a value where all was refused."""
        refused = sum(self.refusals.values())
        rows = []
        for metric, parts in self.parts.items():
            value, low, high = ratio(parts, self.patients[metric])
            seen = len(set(self.patients[metric]))
            rows.append(
                Row(expert, source, label, metric, value, low, high,
                    len(parts), seen, refused, self.empty, half)
            )  # fmt: skip
        if not rows and refused:
            rows.append(Row(expert, source, label, "-", None, None, None, 0, 0, refused, 0, half))
        return rows
