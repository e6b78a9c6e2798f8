"""F19: what a model may say instead of the JSON it was asked for.

Each kind is recognised, repairs are bounded and counted, and the book of exchanges keeps the words.
"""

import asyncio
from pathlib import Path
from typing import Any

import pytest

from expert_models.llm.asker import open_asker
from schemas.exchange import Answer, Failure
from tests.expert_models.faults.setting import (
    CODE,
    Clock,
    asked,
    chosen,
    is_whole,
    question,
    script,
)
from tests.fakes.garbage import CONTENT, ENVELOPE
from tests.fakes.script import Fault
from tests.fakes.server import serving
from transforms.prompting.asking import Reply, ask_json

REASON = {
    "empty": "answer_empty",
    "blank": "answer_empty",
    "filtered": "answer_refused",
    "cut": "answer_truncated",
    "refusal": "answer_refused",
    "other_item": "answer_for_other_item",
    "long_string": "answer_too_large",
    "deep": "answer_too_large",
    "deep_in_field": "answer_too_large",
}
"""All others are answer_malformed."""
REPAIRS = 2


def replied(folder: Path, kind: str, **conditions: Any) -> tuple[Reply, list[dict[str, Any]], int]:
    """The reply under one kind of garbage, the book of exchanges, and the number of requests."""

    async def ask(url: str) -> tuple[Reply, list[dict[str, Any]]]:
        async with (
            asyncio.timeout(60),
            open_asker(chosen(url, answer_bytes=20_000_000), folder) as asker,
        ):
            reply = await ask_json(asker.ask, question(), CODE, repairs=REPAIRS)
        return reply, asker.exchanges

    with serving(script(Fault(kind), **conditions)) as server:
        return *asyncio.run(ask(server.url)), server.requests


@pytest.mark.parametrize("kind", CONTENT)
def test_garbage_is_named_and_asked_about_a_bounded_number_of_times(
    kind: str, tmp_path: Path
) -> None:
    reply, book, requests = replied(tmp_path, kind)
    reason = REASON.get(kind, "answer_malformed")
    assert reply.value is None
    assert reply.fault is not None
    assert reply.fault.reason == reason
    assert reply.tries == len(book) == (1 if reason == "answer_refused" else 1 + REPAIRS)
    assert requests == len({row["key"] for row in book})  # a repeated question is in the store


@pytest.mark.parametrize("kind", [k for k in CONTENT if REASON.get(k) != "answer_refused"])
def test_one_slip_is_repaired(kind: str, tmp_path: Path) -> None:
    reply, _, _ = replied(tmp_path, kind, last=1)
    assert reply.fault is None
    assert reply.value is not None
    assert reply.value["code"] == CODE
    assert reply.tries == 2


@pytest.mark.parametrize("kind", CONTENT)
def test_the_words_are_kept(kind: str, tmp_path: Path) -> None:
    """The store holds what came, byte for byte, surrogates too; the book what UTF-8 can hold of it."""
    _, book, requests = replied(tmp_path, kind)
    again, book_again, asked_again = replied(tmp_path, kind)
    assert asked_again == 0  # the same garbage from the store, the same fault
    assert again.value is None
    assert [row["text"] for row in book_again] == [row["text"] for row in book]
    for row in book:
        row["text"].encode("utf-8")
    if kind not in ("empty", "filtered"):
        assert any(row["text"] for row in book)
    assert requests == len({row["key"] for row in book})


@pytest.mark.parametrize("kind", ENVELOPE)
def test_a_spoilt_http_answer_is_asked_for_again_or_read_as_far_as_it_goes(kind: str) -> None:
    with serving(script(Fault(kind), last=1)) as server:
        [answer] = asked(chosen(server.url), clock=Clock())
    assert isinstance(answer, Answer)
    if kind in ("content_null", "refusal_field"):  # whole answers that hold no JSON
        assert answer.attempts == 1
        assert answer.text == ("" if kind == "content_null" else "I can't help with that.")
        return
    assert is_whole(answer)
    assert answer.attempts == (
        1 if kind in ("finish_missing", "usage_missing", "model_missing") else 2
    )


@pytest.mark.parametrize("kind", ["html_body", "error_in_200", "cut_body", "deep_body"])
def test_what_never_becomes_an_answer_keeps_its_start(kind: str) -> None:
    with serving(script(Fault(kind))) as server:
        [failure] = asked(chosen(server.url, attempts=2), clock=Clock())
    assert isinstance(failure, Failure)
    assert failure.reason == "endpoint_unavailable"
    assert 0 < len(failure.raw) <= 2000


def test_a_refusal_in_its_own_field_is_a_refusal(tmp_path: Path) -> None:
    reply, _, requests = replied(tmp_path, "refusal_field")
    assert reply.fault is not None
    assert reply.fault.reason == "answer_refused"
    assert requests == 1
