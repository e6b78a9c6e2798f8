"""Asking for JSON: repairs are bounded, counted, and show the model its fault."""

import asyncio
from collections.abc import Sequence

import pytest

from schemas.exchange import Answer, Failure, Message, Request, request_key
from transforms.prompting.answer_schema import one_of, record
from transforms.prompting.asking import Reply, ask_json

SCHEMA = record("answer", {"code": one_of(["c0de"]), "word": {"type": "string"}})
GOOD = '{"code": "c0de", "word": "yes"}'
REQUEST = Request("describe", "img-1", (Message("user", "Say a word."),), SCHEMA)


def said(text: str, finish_reason: str = "stop") -> Answer:
    return Answer("key", text, "fake", finish_reason, 1, 1)


def asked(*answers: Answer | Failure, repairs: int = 2) -> tuple[Reply, list[Request]]:
    """The reply, and the requests that led to it."""
    left, seen = list(answers), []

    async def ask(request: Request) -> Answer | Failure:
        seen.append(request)
        return left.pop(0)

    return asyncio.run(ask_json(ask, REQUEST, "c0de", repairs=repairs)), seen


def later(requests: Sequence[Request]) -> list[str]:
    """What the last request adds to the first."""
    return [m.text for m in requests[-1].messages[1:]]


def test_a_good_answer_costs_one_request() -> None:
    reply, requests = asked(said(GOOD))
    assert (reply.value, reply.fault, reply.tries) == ({"code": "c0de", "word": "yes"}, None, 1)
    assert requests == [REQUEST]


def test_a_repair_names_the_fault_and_shows_the_answer() -> None:
    reply, requests = asked(said('{"code": "c0de", "word": 3}'), said(GOOD))
    assert reply.tries == 2
    assert reply.value is not None
    shown, named = later(requests)
    assert shown == '{"code": "c0de", "word": 3}'
    assert "word: not of type string" in named
    assert "c0de" in named
    assert [m.role for m in requests[-1].messages] == ["user", "assistant", "user"]
    assert requests[-1].schema == SCHEMA


def test_repairs_end() -> None:
    reply, requests = asked(said("["), said("[["), said("[[["), repairs=2)
    assert (reply.tries, len(requests), reply.value) == (3, 3, None)
    assert reply.fault is not None
    assert reply.fault.reason == "answer_malformed"
    assert later(requests)[0] == "[["  # the last answer only: prompts do not grow with every try
    assert len({request_key("m", "", r) for r in requests}) == 3


def test_no_repairs_asks_once() -> None:
    reply, requests = asked(said("["), repairs=0)
    assert (reply.tries, len(requests)) == (1, 1)


def test_a_truncated_answer_is_asked_to_be_shorter() -> None:
    _, requests = asked(said(GOOD[:20] + "x" * 9000, "length"), said(GOOD))
    shown, named = later(requests)
    assert len(shown) <= 2000
    assert "fewer" in named


def test_an_answer_for_another_item_is_not_repeated() -> None:
    """It may hold what is known of another patient."""
    _, requests = asked(said('{"code": "beef", "word": "secret"}'), said(GOOD))
    assert not any("secret" in text or "beef" in text for text in later(requests))


def test_a_refusal_is_taken_at_its_word() -> None:
    reply, requests = asked(said("I cannot help with this."))
    assert reply.fault is not None
    assert (reply.fault.reason, len(requests)) == ("answer_refused", 1)


def test_a_failure_is_no_answer_and_is_not_asked_again() -> None:
    reply, requests = asked(said("["), Failure("key", "deadline_exceeded", "180 s"))
    assert reply.fault is not None
    assert (reply.fault.reason, reply.tries, len(requests)) == ("deadline_exceeded", 2, 2)


def test_wrapped_answers_are_counted() -> None:
    reply, _ = asked(said("```json\n[\n```"), said(f"<think>hm</think>{GOOD}"))
    assert reply.value is not None
    assert reply.wrapped == 2


def test_exceptions_of_ask_pass() -> None:
    class Unanswered(Exception):
        pass

    async def ask(request: Request) -> Answer | Failure:
        raise Unanswered

    with pytest.raises(Unanswered):
        asyncio.run(ask_json(ask, REQUEST, "c0de", repairs=3))


def test_free_text_is_a_mistake_of_the_caller() -> None:
    async def ask(request: Request) -> Answer | Failure:
        return said(GOOD)

    with pytest.raises(ValueError, match="without a schema"):
        asyncio.run(ask_json(ask, Request("p", "s", REQUEST.messages), "c0de", repairs=0))
