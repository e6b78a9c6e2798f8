"""The book of what was asked: one row for every question that went through a door."""

from dataclasses import replace
from typing import Any

from expert_models.llm.plain import plain
from schemas.exchange import Answer, Failure, Request


class Exchanges:
    """Rows of schemas.exchange.EXCHANGE."""

    def __init__(self, model: str) -> None:
        self._model = model
        self._rows: list[dict[str, Any]] = []

    def add(self, request: Request, said: Answer | Failure, *, cached: bool) -> None:
        """Note one question and what came of it."""
        row = _failed(said) if isinstance(said, Failure) else _answered(said)
        self._rows.append(
            {
                "key": said.key,
                "purpose": request.purpose,
                "subject": request.subject,
                "model": self._model,
                "prompt_sha256": request.prompt_sha256,
                "seconds": said.seconds,
                "attempts": said.attempts,
                "cached": cached and isinstance(said, Answer),
                **row,
            }
        )

    def rows(self) -> list[dict[str, Any]]:
        """All rows, in an order that no clock decides."""
        return sorted(self._rows, key=_order)


def as_cached(answer: Answer) -> Answer:
    """The same answer, marked as not fetched for this question."""
    return answer if answer.cached else replace(answer, cached=True)


def _answered(said: Answer) -> dict[str, Any]:
    return {
        "outcome": "answered",
        "text": plain(said.text),
        "prompt_tokens": said.prompt_tokens,
        "completion_tokens": said.completion_tokens,
        "served_as": plain(said.model),
    }


def _failed(said: Failure) -> dict[str, Any]:
    return {
        "outcome": said.reason,
        "text": plain(said.raw),
        "prompt_tokens": 0,
        "completion_tokens": 0,
        "served_as": "",
    }


def _order(row: dict[str, Any]) -> tuple[Any, ...]:
    return (row["subject"], row["purpose"], row["key"], row["cached"], row["outcome"])
