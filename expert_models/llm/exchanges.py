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
        failed = isinstance(said, Failure)
        self._rows.append(
            {
                "key": said.key,
                "purpose": request.purpose,
                "subject": request.subject,
                "model": self._model if isinstance(said, Failure) else plain(said.model),
                "prompt_sha256": request.prompt_sha256,
                "outcome": said.reason if isinstance(said, Failure) else "answered",
                "text": plain(said.raw if isinstance(said, Failure) else said.text),
                "prompt_tokens": 0 if isinstance(said, Failure) else said.prompt_tokens,
                "completion_tokens": 0 if isinstance(said, Failure) else said.completion_tokens,
                "seconds": said.seconds,
                "attempts": said.attempts,
                "cached": cached and not failed,
            }
        )

    def rows(self) -> list[dict[str, Any]]:
        """All rows, in an order that no clock decides."""
        return sorted(self._rows, key=_order)


def as_cached(answer: Answer) -> Answer:
    """The same answer, marked as not fetched for this question."""
    return answer if answer.cached else replace(answer, cached=True)


def _order(row: dict[str, Any]) -> tuple[Any, ...]:
    return (row["subject"], row["purpose"], row["key"], row["cached"], row["outcome"])
