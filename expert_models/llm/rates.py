"""What models cost: sums over the book of exchanges."""

import math
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from expert_models.llm.choice import PriceChoice


@dataclass(frozen=True)
class Usage:
    """Answered questions and what they took. seconds: in flight, added up over calls; money: in the
    currency of the price."""

    requests: int
    prompt_tokens: int
    completion_tokens: int
    seconds: float
    money: float


@dataclass(frozen=True)
class Total:
    """One purpose at one model. `asked`: calls of this run; `reused`: answers that were in the store.

    failed: questions without an answer; they cost time but no tokens that a server would tell.
    """

    purpose: str
    model: str
    requests: int
    cached: int
    failed: int
    failed_seconds: float
    asked: Usage
    reused: Usage


def totals(rows: Iterable[Mapping[str, Any]], price: PriceChoice) -> list[Total]:
    """Sums of rows of schemas.exchange.EXCHANGE by (purpose, model), sorted; in any order of rows."""
    groups: dict[tuple[str, str], list[Mapping[str, Any]]] = defaultdict(list)
    for row in rows:
        groups[row["purpose"], row["model"]].append(row)
    return [_total(*names, groups[names], price) for names in sorted(groups)]


def money(prompt_tokens: float, completion_tokens: float, price: PriceChoice) -> float:
    """What so many tokens cost."""
    whole = prompt_tokens * price.per_million_prompt
    return (whole + completion_tokens * price.per_million_completion) / 1e6


def _total(purpose: str, model: str, rows: list[Mapping[str, Any]], price: PriceChoice) -> Total:
    failed = [row for row in rows if row["outcome"] != "answered"]
    reused = [row for row in rows if row["outcome"] == "answered" and row["cached"]]
    asked = [row for row in rows if row["outcome"] == "answered" and not row["cached"]]
    return Total(
        purpose=purpose,
        model=model,
        requests=len(rows),
        cached=len(reused),
        failed=len(failed),
        failed_seconds=math.fsum(row["seconds"] for row in failed),
        asked=_usage(asked, price),
        reused=_usage(reused, price),
    )


def _usage(rows: list[Mapping[str, Any]], price: PriceChoice) -> Usage:
    prompt = sum(row["prompt_tokens"] for row in rows)
    completion = sum(row["completion_tokens"] for row in rows)
    return Usage(
        requests=len(rows),
        prompt_tokens=prompt,
        completion_tokens=completion,
        seconds=math.fsum(row["seconds"] for row in rows),  # exact, so that no order shows
        money=money(prompt, completion, price),
    )
