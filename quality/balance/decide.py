"""Balance, decided: which accepted items stay, and in what order their options stand."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from quality.balance.choice import BalanceChoice
from quality.balance.dropping import Dropped, drop_answerable
from quality.balance.item import Item
from quality.balance.letters import order_with_key_at, place_keys, relabelled
from quality.balance.measure import measure
from quality.balance.options_only import guesses, options_only_rows
from quality.balance.quotas import Filled, fill


@dataclass(frozen=True)
class Refusal:
    """Why an item does not stay: gate, reason code, and what was found."""

    gate: str
    reason: str
    detail: str


@dataclass(frozen=True)
class Balance:
    """refused: by id. places: new place of the key, by id, of items whose options move.

    orders: old places of the options in their new order, for the same items. statistics: JSON, over
    the items that stay, as released.
    """

    refused: dict[str, Refusal]
    places: dict[str, int]
    orders: dict[str, list[int]]
    statistics: dict[str, Any]


def balance(items: Sequence[Item], choice: BalanceChoice, key: str) -> Balance:
    """Decide over all accepted items at once. A pure function of the set: order does not matter.

    Quotas come first, then what the options alone give away, then the quotas again (a share of fewer
    items is fewer), then the letters; the statistics are of what is left.
    """
    accepted = sorted(items, key=lambda item: item.id)
    filled = fill(accepted, choice.quotas, key)
    kept = [item for item in accepted if item.id not in filled.refused]
    dropped = None
    if choice.options_only == "drop":
        dropped = drop_answerable(kept, choice.most_dropped)
        kept = [item for item in kept if item.id not in dropped.margins]
    again = fill(kept, choice.quotas, key)
    kept = [item for item in kept if item.id not in again.refused]
    places = place_keys(kept, key) if choice.letters else {}
    orders = {i.id: order_with_key_at(i, places[i.id]) for i in kept if i.id in places}
    released = [relabelled(i, places[i.id]) if i.id in places else i for i in kept]
    refused = _over(filled.refused) | _answerable(dropped) | _over(again.refused)
    statistics = {
        "accepted": len(accepted),
        "kept": len(kept),
        "refused": dict(sorted(Counter(r.reason for r in refused.values()).items())),
        "moved": sum(order != sorted(order) for order in orders.values()),
        "quotas": _quota_rows(filled, again),
        "shares_hold": filled.shares_hold and again.shares_hold,
        **measure(released),
        "options_only": _options_only(released, choice, dropped),
    }
    return Balance(refused, places, orders, statistics)


def _over(refused: dict[str, str]) -> dict[str, Refusal]:
    return {id: Refusal("quota", "quota_full", why) for id, why in refused.items()}


def _answerable(dropped: Dropped | None) -> dict[str, Refusal]:
    """A twin that fell along is refused for the same reason; its own margin may be below 0."""
    return {
        id: Refusal("options_only", "options_only_answerable", f"margin {margin}, out of fold")
        for id, margin in (dropped.margins if dropped else {}).items()
    }


def _quota_rows(filled: Filled, again: Filled) -> list[dict[str, Any]]:
    """The quotas with what was accepted at first and what is kept in the end."""
    kept = {(row["axis"], row["kind"]): row["kept"] for row in again.rows}
    return [row | {"kept": kept.get((row["axis"], row["kind"]), 0)} for row in filled.rows]


NOT_MEASURED: dict[str, Any] = {
    "choice": "off", "released": [], "before": [], "dropped": 0, "rounds": 0, "spent": False,
}  # fmt: skip


def _options_only(
    released: Sequence[Item], choice: BalanceChoice, dropped: Dropped | None
) -> dict[str, Any]:
    """What the classifier knows of the released items; where items were dropped, also before."""
    if choice.options_only == "off":
        return NOT_MEASURED
    told = NOT_MEASURED | {
        "choice": choice.options_only,
        "released": options_only_rows(guesses(released), released),
    }
    if dropped is None:
        return told
    return told | {
        "before": options_only_rows(dropped.before, [guess.item for guess in dropped.before]),
        "dropped": len(dropped.margins),
        "rounds": dropped.rounds,
        "spent": dropped.spent,
    }
