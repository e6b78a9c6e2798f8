"""Quotas: no more than so many, or such a share, of one modality, body part or question type."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import floor
from typing import Any

from quality.balance.choice import EVERY_OTHER, Axis
from quality.balance.item import Item, bundles

Quotas = Mapping[Axis, Mapping[str, int | float]]
Bin = tuple[Axis, str]


@dataclass(frozen=True)
class Filled:
    """The outcome: ids over a quota with the quota that was full, and what each quota came to.

    shares_hold: False where no corpus but an empty one could have the shares asked for (every kind is
    capped and the shares come to less than 1); shares are then taken of the accepted items.
    """

    refused: dict[str, str]
    rows: list[dict[str, Any]]
    shares_hold: bool = True


def fill(items: Sequence[Item], quotas: Quotas, key: str) -> Filled:
    """Keep items in an order drawn by keyed hash while every quota has room; twins together.

    A share is of the items that are kept, so that it holds for what is released: the largest total is
    searched at which the kept items come to that total again.
    """
    bins = {item.id: _bins_of(item, quotas) for item in items}
    line = bundles(items, "quota", key)
    total = _largest_total(line, bins, quotas, len(items))
    holds = total > 0 or not items
    caps = _caps(bins, quotas, total if holds else len(items))
    refused, filled = _take(line, bins, caps)
    accepted = Counter(bin for found in bins.values() for bin in found)
    rows = [
        {
            "axis": axis,
            "kind": kind,
            "quota": _quota(quotas, (axis, kind)),
            "accepted": accepted[axis, kind],
            "kept": filled[axis, kind],
        }
        for axis, kind in sorted(accepted)
    ]
    return Filled(refused, rows, holds or not _shares(quotas))


def _bins_of(item: Item, quotas: Quotas) -> list[Bin]:
    """The capped kinds an item is of."""
    values: dict[Axis, str] = {
        "modality": item.modality,
        "anatomy": item.anatomy,
        "question_type": item.question_type,
    }
    return [
        (axis, values[axis])
        for axis, kinds in quotas.items()
        if values[axis] in kinds or EVERY_OTHER in kinds
    ]


def _quota(quotas: Quotas, bin: Bin) -> int | float:
    kinds = quotas[bin[0]]
    return kinds[bin[1]] if bin[1] in kinds else kinds[EVERY_OTHER]


def _shares(quotas: Quotas) -> bool:
    return any(isinstance(q, float) for kinds in quotas.values() for q in kinds.values())


def _caps(bins: Mapping[str, list[Bin]], quotas: Quotas, total: int) -> dict[Bin, int]:
    """Most items of each capped kind in a corpus of `total` items."""
    found = sorted({bin for kinds in bins.values() for bin in kinds})
    quota = {bin: _quota(quotas, bin) for bin in found}
    return {bin: floor(q * total + 1e-9) if isinstance(q, float) else q for bin, q in quota.items()}


def _take(
    line: Iterable[list[Item]], bins: Mapping[str, list[Bin]], caps: Mapping[Bin, int]
) -> tuple[dict[str, str], Counter[Bin]]:
    """Go down the line; a bundle that any of its quotas has no room for is refused whole."""
    filled: Counter[Bin] = Counter()
    refused: dict[str, str] = {}
    for bundle in line:
        wanted = Counter(bin for item in bundle for bin in bins[item.id])
        full = next((bin for bin in sorted(wanted) if filled[bin] + wanted[bin] > caps[bin]), None)
        if full is None:
            filled.update(wanted)
        else:
            why = f"{full[0]} {full[1]}: {caps[full]} taken by others"
            refused |= {item.id: why for item in bundle}
    return refused, filled


def _largest_total(
    line: list[list[Item]], bins: Mapping[str, list[Bin]], quotas: Quotas, accepted: int
) -> int:
    """The largest total T such that T items or more are kept under the caps of T; 0: none.

    What is kept under the caps of T grows with T, ever more slowly, so halving finds it.
    """
    low, high = 0, accepted
    if not _shares(quotas):
        return accepted
    while low < high:
        middle = (low + high + 1) // 2
        refused, _ = _take(line, bins, _caps(bins, quotas, middle))
        if accepted - len(refused) >= middle:
            low = middle
        else:
            high = middle - 1
    return low
