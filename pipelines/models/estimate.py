"""What asking will cost: calls, tokens, hours and money, from a trial build or from stated rates."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from expert_models.llm.choice import PriceChoice
from expert_models.llm.rates import money
from pipelines.commit import read_record
from pipelines.errors import UsageError
from pipelines.models.ledger import Entry, ledger
from pipelines.recipe import Recipe
from pipelines.task import folder_of


@dataclass(frozen=True)
class Rate:
    """Mean of one purpose, an image: calls, and tokens and seconds of a call."""

    purpose: str
    model: str
    calls_per_image: float
    prompt_tokens: float
    completion_tokens: float
    seconds: float
    sample: int  # answers that the means are of; 0: stated


def rates_of(trial: Path, recipe: Recipe) -> tuple[list[Rate], float]:
    """Rates seen in the build in `trial`, and its images an item. Raises UsageError without any.

    A trial is a build of the same recipe with a small `limit` on each source.
    """
    try:
        books = json.loads((trial / "run" / "build.json").read_text("utf-8"))
    except OSError:
        raise UsageError(
            f"{trial}: no build there; make one with a small `limit` a source"
        ) from None
    entries = ledger(trial, books["shards"], prices_of(recipe))
    counts = _counts(trial, books["shards"])
    if not entries or not counts["images"]:
        raise UsageError(f"{trial}: its build asked no model; give stated rates instead")
    rates = [_rate(entry, counts["images"]) for entry in entries if entry.answers]
    return rates, counts["images"] / max(1, counts["items"])


def stated_rates(recipe: Recipe) -> list[Rate]:
    """The rates that the recipe states (`expect`); a model without them is left out."""
    return [
        Rate("all", c.model, e.calls_per_image, e.prompt_tokens, e.completion_tokens, e.seconds, 0)
        for _, c in sorted(recipe.models.items())
        if (e := c.expect) is not None
    ]


def _rate(entry: Entry, images: int) -> Rate:
    n = entry.answers
    return Rate(
        entry.purpose, entry.model, n / images, entry.prompt_tokens / n,
        entry.completion_tokens / n, entry.seconds / n, n,
    )  # fmt: skip


def _counts(trial: Path, shards: list[str]) -> dict[str, int]:
    total = {"items": 0, "images": 0}
    for shard in shards:
        ingested = read_record(folder_of(trial, "ingest"), shard)
        described = read_record(folder_of(trial, "describe"), shard)
        if ingested and described:
            total["items"] += ingested.counts["items"]
            total["images"] += described.counts["images"]
    return total


def prices_of(recipe: Recipe) -> dict[str, PriceChoice]:
    """Prices by the name of the model."""
    return {choice.model: choice.price for choice in recipe.models.values()}


def estimate(rates: list[Rate], images: float, recipe: Recipe) -> list[dict[str, Any]]:
    """Lines of purpose, model, calls, tokens, hours at the recipe's concurrency, and money."""
    prices = prices_of(recipe)
    width = {choice.model: choice.limits.concurrency for choice in recipe.models.values()}
    lines = []
    for rate in rates:
        calls = rate.calls_per_image * images
        price = prices.get(rate.model, PriceChoice())
        lines.append(
            {
                "purpose": rate.purpose,
                "model": rate.model,
                "calls": round(calls),
                "prompt_tokens": round(calls * rate.prompt_tokens),
                "completion_tokens": round(calls * rate.completion_tokens),
                "hours": round(calls * rate.seconds / width.get(rate.model, 1) / 3600, 3),
                "money": round(calls * money(rate.prompt_tokens, rate.completion_tokens, price), 2),
                "currency": price.currency,
                "sample": rate.sample,
            }
        )
    return lines
