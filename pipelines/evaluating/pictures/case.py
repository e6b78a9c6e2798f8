"""One picture with what an expert found on it, and which of many are shown."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

SHOWN = 3  # good ones, and as many bad ones


@dataclass(frozen=True)
class Case:
    """panel    [H, W, 3] uint8, outlines drawn in
    value    by which cases are ranked; None: the expert found nothing
    measure  what the value is: "Dice", "quality", ...; drawn: it is agreement with an annotation
    place    source and item, credit: licence and whose it is
    """

    panel: np.ndarray
    value: float | None
    measure: str
    drawn: bool
    patient: str
    place: str
    credit: str

    @property
    def caption(self) -> str:
        """What stands below the panel."""
        where = self.place.split("/")[0]
        if self.value is None:
            return f"{where}: nothing found"
        return f"{where}: {self.measure} {self.value:.2f}"


def chosen(cases: Sequence[Case]) -> tuple[list[Case], list[Case]]:
    """(good, bad): the three best and the three worst, each of another patient so far as there are.

    Where six cases are annotated only those count. An empty answer is worst where something is drawn;
    where nothing is, it may be right, and is shown only if there are not six others.
    """
    drawn = [case for case in cases if case.drawn]
    if len(drawn) >= 2 * SHOWN:
        cases = drawn
    some = [case for case in cases if case.value is not None]
    none = [case for case in cases if case.value is None]
    ranked = sorted(some, key=lambda case: (-(case.value or 0.0), case.place))
    good = _apart(ranked, [], min(SHOWN, (len(ranked) + 1) // 2))
    rest = [case for case in reversed(ranked) if all(case is not g for g in good)]
    missed = sorted((case for case in none if case.drawn), key=lambda case: case.place)
    empty = sorted((case for case in none if not case.drawn), key=lambda case: case.place)
    order = [*missed[:2], *rest, *missed[2:], *empty]
    bad = _apart(order, [case.patient for case in good], SHOWN)
    return good, bad


def _apart(cases: Sequence[Case], taken: Sequence[str], count: int) -> list[Case]:
    """The first of each patient not taken; then, so far as these do not suffice, others in order."""
    kept: list[Case] = []
    seen = set(taken)
    for case in cases:
        if len(kept) < count and case.patient not in seen:
            kept.append(case)
            seen.add(case.patient)
    for case in cases:
        if len(kept) < count and all(case is not one for one in kept):
            kept.append(case)
    return kept
