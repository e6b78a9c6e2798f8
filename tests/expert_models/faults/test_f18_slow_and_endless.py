"""F18: dripped bodies, headers without an end, bodies without an end. One deadline for the whole call, one cap on bytes.

The server would go on for a minute or for ever; a call may take half a second. The bounds lie far apart.
"""

import gzip
import time
import tracemalloc

import pytest

from expert_models.llm.errors import EndpointStopped
from schemas.exchange import Answer, Failure
from tests.expert_models.faults.setting import TOO_LONG_S, asked, chosen, is_whole, script
from tests.fakes.script import Fault, Rule, Script
from tests.fakes.server import serving

DEADLINE_S = 0.4
CAP = 1_000_000  # bytes
MINUTE = Fault("drip", every_s=0.3)  # 300 bytes: 90 s; every single read is quick


@pytest.mark.parametrize(
    ("fault", "reasons"),
    [
        (MINUTE, {"deadline_exceeded"}),
        (Fault("headers_drip"), {"deadline_exceeded", "endpoint_unavailable"}),
        (Fault("silence"), {"deadline_exceeded"}),
        (Fault("endless_body"), {"answer_too_large"}),
        (Fault("endless_chunks"), {"answer_too_large"}),
        (Fault("headers_flood"), {"endpoint_unavailable"}),
    ],
    ids=lambda value: getattr(value, "kind", ""),
)
def test_every_call_ends(fault: Fault, reasons: set[str]) -> None:
    started = time.monotonic()
    with serving(script(fault)) as server:
        limits = {"deadline_s": DEADLINE_S, "answer_bytes": CAP, "attempts": 1}
        [failure] = asked(chosen(server.url, **limits))
    assert time.monotonic() - started < TOO_LONG_S
    assert isinstance(failure, Failure)
    assert failure.reason in reasons


@pytest.mark.parametrize("kind", ["drip", "silence", "endless_chunks"])
def test_a_slow_answer_holds_up_no_other(kind: str) -> None:
    """One in eight never ends; all others are there long before a minute is over."""
    started = time.monotonic()
    slow = Script(model="echo", rules=(Rule(Fault(kind, every_s=0.3), contains="Question 3:"),))
    with serving(slow) as server:
        limits = {"deadline_s": DEADLINE_S, "attempts": 1, "concurrency": 4, "answer_bytes": CAP}
        found = asked(chosen(server.url, **limits), count=8)
    assert time.monotonic() - started < TOO_LONG_S
    assert [is_whole(f) for f in found] == [n != 3 for n in range(8)]


def test_an_endless_body_fills_no_memory() -> None:
    with serving(script(Fault("endless_body"))) as server:
        tracemalloc.start()
        try:
            asked(chosen(server.url, answer_bytes=CAP, attempts=1), count=4)
            peak = tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()
    assert peak < 4 * 4 * CAP  # server and client together; unbounded it would be gigabytes


def test_a_bomb_is_not_unpacked() -> None:
    """Zeros, packed a thousand to one, sent though nobody asked for compression."""
    bomb = gzip.compress(b"\0" * 30_000_000, 9)
    fault = Fault("status", status=200, headers={"Content-Encoding": "gzip"}, body=bomb)
    started = time.monotonic()
    with serving(script(fault)) as server:
        tracemalloc.start()
        try:
            [failure] = asked(chosen(server.url, answer_bytes=CAP, attempts=1))
            peak = tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()
    assert isinstance(failure, Failure)
    assert peak < 10_000_000
    assert time.monotonic() - started < TOO_LONG_S


def test_an_answer_above_the_cap_is_not_asked_for_again() -> None:
    """It would be as long again; below the cap it comes whole."""
    with serving(script(Fault("long_string"))) as server:
        [failure] = asked(chosen(server.url, answer_bytes=CAP))
        assert (failure.reason, failure.attempts) == ("answer_too_large", 1)
        [answer] = asked(chosen(server.url, answer_bytes=10_000_000))
        assert isinstance(answer, Answer)
        assert len(answer.text) > 5_000_000


def test_many_answers_above_the_cap_are_no_outage() -> None:
    with serving(script(Fault("deep"))) as server:
        limits = {"answer_bytes": 10_000, "breaker_failures": 3, "breaker_pauses": 1}
        found = asked(chosen(server.url, **limits), count=20)
    assert {f.reason for f in found} == {"answer_too_large"}


def test_a_server_that_falls_silent_stops_the_build() -> None:
    """I6: it answers five questions and then holds every line."""
    started = time.monotonic()
    with serving(script(Fault("silence"), first=5)) as server:
        limits = {
            "deadline_s": DEADLINE_S,
            "attempts": 3,
            "breaker_failures": 4,
            "breaker_pauses": 2,
            "breaker_pause_s": 0.1,
        }
        found = asked(chosen(server.url, **limits), count=30)
    assert time.monotonic() - started < TOO_LONG_S
    assert sum(isinstance(f, Answer) for f in found) == 5
    assert sum(isinstance(f, EndpointStopped) for f in found) >= 15
    assert all(isinstance(f, Answer | Failure | EndpointStopped) for f in found)
