"""Sums of the ledger."""

import random

from expert_models.llm.choice import PriceChoice
from expert_models.llm.rates import Usage, totals

PRICE = PriceChoice(per_million_prompt=2, per_million_completion=10)


def row(
    purpose: str = "describe", outcome: str = "answered", cached: bool = False, **fields: object
) -> dict:
    values = {"model": "m", "prompt_tokens": 1000, "completion_tokens": 100, "seconds": 0.1}
    return {"purpose": purpose, "outcome": outcome, "cached": cached, **values, **fields}


def test_asked_reused_and_failed_are_kept_apart() -> None:
    rows = [
        row(),
        row(seconds=0.2),
        row(cached=True, prompt_tokens=5000),
        row(outcome="deadline_exceeded", prompt_tokens=0, completion_tokens=0, seconds=9.0),
        row("judge"),
        row(model="n"),
    ]
    first, other, judged = totals(rows, PRICE)
    assert (first.purpose, first.model, first.requests) == ("describe", "m", 4)
    assert (first.cached, first.failed, first.failed_seconds) == (1, 1, 9.0)
    assert first.asked == Usage(2, 2000, 200, 0.30000000000000004, 0.006)
    assert first.reused == Usage(1, 5000, 100, 0.1, 0.011)
    assert (other.model, other.requests) == ("n", 1)
    assert (judged.purpose, judged.asked.requests) == ("judge", 1)


def test_the_order_of_rows_does_not_show() -> None:
    rows = [row(seconds=10.0 ** (n % 17 - 8)) for n in range(200)]
    shuffled = random.Random(1).sample(rows, len(rows))
    assert totals(rows, PRICE) == totals(shuffled, PRICE)


def test_nothing_asked_costs_nothing() -> None:
    assert totals([], PRICE) == []
