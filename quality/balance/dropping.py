"""Drop what the options alone give away, until a classifier that sees only them is at chance.

Adversarial filtering as in AFLite (Le Bras et al. 2020, arXiv 2002.04108), bounded: items answered out
of fold with the widest margin go first, and the classifier learns anew from what is left.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import floor

from quality.balance.clustered import clustered, score_interval, student
from quality.balance.item import Item
from quality.balance.options_only import ABOVE, Guess, by_size, guesses, verdict_of

MOST_ROUNDS = 12


@dataclass(frozen=True)
class Dropped:
    """margins: margin by id of every dropped item (a twin that falls along has its own or None).

    before: guesses over all items. spent: the budget ended before chance was reached.
    """

    margins: dict[str, float]
    before: list[Guess]
    rounds: int
    spent: bool


def drop_answerable(items: Sequence[Item], most_dropped: float) -> Dropped:
    """Items to drop; at most `most_dropped` of the multiple-choice items, twins together."""
    kept = [item for item in items if item.choice]
    budget = floor(most_dropped * len(kept))
    margins: dict[str, float] = {}
    before = found = guesses(kept)
    for done in range(MOST_ROUNDS):
        excess = _excess(found)
        if not excess:
            return Dropped(margins, before, done, False)
        falling = _falling(found, excess, budget - len(margins))
        if not falling:
            return Dropped(margins, before, done, True)
        margins |= falling
        kept = [item for item in kept if item.id not in margins]
        found = guesses(kept)
    return Dropped(margins, before, MOST_ROUNDS, bool(_excess(found)))


def _excess(found: Sequence[Guess]) -> dict[int, int]:
    """By number of options: how many right guesses stand between the interval and chance."""
    excess = {}
    for size, patients in by_size(found).items():
        measured = clustered(patients)
        if verdict_of(size, measured) != ABOVE:
            continue
        worth = measured.effective / measured.items
        quantile = student(measured.patients - 1)
        count = 1
        while count < measured.hits:
            items = measured.items - count
            share = (measured.hits - count) / items
            if score_interval(share, items * worth, quantile)[0] <= 1 / size:
                break
            count += 1
        excess[size] = count
    return excess


def _falling(found: Sequence[Guess], excess: dict[int, int], budget: int) -> dict[str, float]:
    """The items to drop in this round, widest margin first, each with its twin."""
    by_id = {guess.item.id: guess for guess in found}
    falling: dict[str, float] = {}
    left = dict(excess)
    for guess in sorted(found, key=lambda g: (-g.margin, g.item.id)):
        size = len(guess.item.options)
        if not guess.right or left.get(size, 0) < 1 or guess.item.id in falling:
            continue
        twin = by_id.get(guess.item.twin_id or "")
        together = [guess, twin] if twin else [guess]
        if len(falling) + len(together) > budget:
            break
        falling |= {g.item.id: g.margin for g in together}
        left[size] -= sum(g.right for g in together)
    return falling
