"""F17: refused, reset, a wrong Content-Length, another protocol. Tried again, and never half-parsed."""

import asyncio
import socket

import pytest

from expert_models.llm.client import EndpointClient
from expert_models.llm.errors import EndpointStopped
from schemas.exchange import Answer, Failure
from tests.expert_models.faults.setting import (
    Clock,
    asked,
    calling,
    chosen,
    is_whole,
    question,
    script,
)
from tests.fakes.script import Fault
from tests.fakes.server import FakeServer, serving

BROKEN = [
    Fault("close_unanswered"),
    Fault("reset_in_body"),
    Fault("reset_in_body", after_bytes=60),
    Fault("length_too_long"),
    Fault("length_too_short"),
    Fault("not_http"),
    Fault("headers_flood"),
]


@pytest.mark.parametrize("fault", BROKEN, ids=lambda f: f"{f.kind} {f.after_bytes}")
def test_a_broken_line_is_tried_again(fault: Fault) -> None:
    with serving(script(fault, attempts=(0, 1))) as server:
        [answer] = asked(chosen(server.url), clock=Clock())
        [plain] = asked(chosen(server.url))
    assert is_whole(answer)
    assert answer.attempts == 3
    assert answer.text == plain.text


@pytest.mark.parametrize("fault", BROKEN, ids=lambda f: f"{f.kind} {f.after_bytes}")
def test_a_line_that_stays_broken_is_a_failure(fault: Fault) -> None:
    with serving(script(fault)) as server:
        [failure] = asked(chosen(server.url, attempts=2), clock=Clock())
        assert server.requests == 2
    assert isinstance(failure, Failure)
    assert (failure.reason, failure.attempts) == ("endpoint_unavailable", 2)


def test_a_spoilt_connection_spoils_no_other_answer() -> None:
    """Stray bytes after a short answer must not become the next answer on that connection."""
    with serving(script(Fault("length_too_short"), share=0.4)) as server:
        limits = {"concurrency": 2, "attempts": 20, "breaker_failures": 1000}
        found = asked(chosen(server.url, **limits), count=40, clock=Clock())
    assert all(is_whole(a) for a in found)
    assert len({a.text for a in found}) == 40


def test_refused_until_the_server_is_up() -> None:
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        port = held.getsockname()[1]
    clock = Clock()

    async def work(client: EndpointClient) -> Answer | Failure:
        call = asyncio.create_task(client.call(question()))
        while len(clock.waits) < 2:  # refused twice
            await asyncio.sleep(0.01)
        server = FakeServer(script())
        await server.start(port)
        try:
            return await call
        finally:
            await server.stop()

    choice = chosen(f"http://127.0.0.1:{port}/v1", attempts=5000, breaker_failures=5000)
    assert is_whole(calling(choice, work, clock))


def test_nobody_listens() -> None:
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        port = held.getsockname()[1]
    limits = {"attempts": 2, "breaker_failures": 4, "breaker_pauses": 2}
    found = asked(chosen(f"http://127.0.0.1:{port}/v1", **limits), count=10, clock=Clock())
    assert any(isinstance(f, EndpointStopped) for f in found)
    assert not any(isinstance(f, Answer) for f in found)


def test_tls_towards_a_server_that_has_none() -> None:
    with serving(script()) as server:
        url = server.url.replace("http://", "https://")
        [failure] = asked(chosen(url, attempts=2), clock=Clock())
        assert server.requests == 0
    assert (failure.reason, failure.attempts) == ("endpoint_unavailable", 2)
