"""The books of a build on the page: what came in, what stayed, and whether the two add up."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol


class Line(Protocol):
    """One line of the books, counted where the rows are made."""

    @property
    def phase(self) -> str: ...

    @property
    def what(self) -> str: ...

    @property
    def taken(self) -> int: ...

    @property
    def kept(self) -> int: ...

    @property
    def rejected(self) -> int: ...


@dataclass(frozen=True)
class Step:
    """One line as drawn."""

    phase: str
    what: str
    taken: int
    kept: int
    rejected: int

    @property
    def lost(self) -> int:
        """Rows that are neither kept nor rejected; anything but 0 is a fault of the build."""
        return self.taken - self.kept - self.rejected

    @property
    def kept_percent(self) -> float:
        """Share kept, for the bar."""
        return 100 * self.kept / self.taken if self.taken else 0.0


def flow(books: Sequence[Line]) -> list[Step]:
    """The lines in the order of the phases."""
    return [Step(b.phase, b.what, b.taken, b.kept, b.rejected) for b in books]


def reconciles(steps: Sequence[Step]) -> bool:
    """Is every row that came in accounted for?"""
    return all(step.lost == 0 for step in steps)
