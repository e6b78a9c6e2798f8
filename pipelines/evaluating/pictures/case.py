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
    def phantom(self) -> bool:
        """Drawn for the page."""
        return self.place.startswith("phantom/")

    @property
    def caption(self) -> str:
        """What stands below the panel."""
        where = self.place.split("/")[0]
        if self.value is None:
            return f"{where}: nothing found"
        return f"{where}: {self.measure} {self.value:.2f}"


def chosen(cases: Sequence[Case]) -> tuple[list[Case], list[Case]]:
    """(good, bad): the three best and the three worst, each of another patient so far as there are.

    Where six real cases are annotated only those count. Phantoms fill up where real cases are fewer than
    six. An empty answer is worst where something is drawn; where nothing is, it may be right, and is shown
    only if there are not six others.
    """
    real = [case for case in cases if not case.phantom]
    drawn = [case for case in real if case.drawn]
    real = drawn if len(drawn) >= 2 * SHOWN else real
    good, bad = _ends([case for case in real if case.drawn or case.value is not None])
    more, worse = _ends([case for case in cases if case.phantom])
    good, bad = (good + more)[:SHOWN], (bad + worse)[:SHOWN]
    shown = [*good, *bad]
    empty = [case for case in real if all(case is not one for one in shown)]
    return good, (bad + empty)[:SHOWN] if len(shown) < 2 * SHOWN else bad


def _ends(cases: Sequence[Case]) -> tuple[list[Case], list[Case]]:
    """Of few cases the better half is good. An empty answer is worst, but only two of the bad are empty."""
    some = [case for case in cases if case.value is not None]
    ranked = sorted(some, key=lambda case: (-(case.value or 0.0), case.place))
    good = _apart(ranked, [], min(SHOWN, (len(ranked) + 1) // 2))
    rest = [case for case in reversed(ranked) if all(case is not g for g in good)]
    missed = sorted((case for case in cases if case.value is None), key=lambda case: case.place)
    order = [*missed[:2], *rest, *missed[2:]]
    return good, _apart(order, [case.patient for case in good], SHOWN)


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
