"""F16: bursts of 500, 502, 503, then recovery; a server that is down for good."""

import asyncio
from pathlib import Path

import pytest

from expert_models.llm.asker import open_asker
from expert_models.llm.errors import EndpointStopped
from schemas.exchange import Answer
from tests.expert_models.faults.setting import (
    Clock,
    asked,
    chosen,
    is_whole,
    question,
    script,
    status,
)
from tests.fakes.log import asked_again, read_log, repeated
from tests.fakes.server import serving


@pytest.mark.parametrize("code", [500, 502, 503, 504, 529])
def test_a_burst_is_waited_out_with_growing_waits(code: int) -> None:
    clock = Clock()
    with serving(script(status(code), attempts=(0, 1, 2))) as server:
        [answer] = asked(chosen(server.url), clock=clock)
    assert is_whole(answer)
    assert answer.attempts == 4
    assert len(clock.waits) == 3
    assert clock.waits[0] < clock.waits[1] < clock.waits[2]


def test_waits_differ_between_questions() -> None:
    """Calls that failed together must not come back together."""
    clock = Clock()
    with serving(script(status(500), attempts=(0,))) as server:
        asked(chosen(server.url, breaker_failures=1000), count=8, clock=clock)
    assert len(set(clock.waits)) == 8


def test_an_outage_costs_no_rows() -> None:
    """The breaker opens, one call probes at a time, and all questions are answered after the recovery."""
    clock = Clock()
    with serving(script(status(503), last=14)) as server:
        found = asked(chosen(server.url, attempts=3, breaker_failures=5), count=30, clock=clock)
        requests = server.requests
    assert all(is_whole(a) for a in found)
    assert requests <= 14 + 30


def test_tries_during_an_outage_do_not_count() -> None:
    """Ten failures in a row, two attempts a question: no row is lost, as the breaker knows of the outage."""
    with serving(script(status(503), last=10)) as server:
        limits = {"attempts": 2, "breaker_failures": 1, "breaker_pauses": 20, "concurrency": 1}
        found = asked(chosen(server.url, **limits), count=3, clock=Clock())
    assert all(is_whole(a) for a in found)


def test_a_dead_server_stops_the_build_soon_and_loudly() -> None:
    limits = {"attempts": 3, "breaker_failures": 6, "breaker_pauses": 4}
    with serving(script(status(500))) as server:
        found = asked(chosen(server.url, **limits), count=40, clock=Clock())
        requests = server.requests
    stopped = [f for f in found if isinstance(f, EndpointStopped)]
    assert len(stopped) >= 30  # the rest used up their attempts before the breaker opened
    assert not any(isinstance(f, Answer) for f in found)
    assert requests < 40  # far fewer than 40 x 3
    assert "again to resume" in str(stopped[0])


def test_after_the_recovery_only_what_is_missing_is_asked(tmp_path: Path) -> None:
    """I4: the second run repeats no question that had its answer."""
    log = tmp_path / "log"

    async def build(url: str) -> list[object]:
        choice = chosen(url, attempts=1, breaker_failures=3, breaker_pauses=1, breaker_pause_s=0.05)
        async with open_asker(choice, tmp_path / "answers") as asker:
            calls = (asker.ask(question(n)) for n in range(20))
            return list(await asyncio.gather(*calls, return_exceptions=True))

    with serving(script(status(500), first=7), log) as server:
        before = asyncio.run(build(server.url))
        since = server.requests
        server.script = script()
        after = asyncio.run(build(server.url))
        asyncio.run(build(server.url))
    asked_for = read_log(log)
    assert sum(isinstance(a, Answer) for a in before) == 7
    assert all(is_whole(a) for a in after)
    assert asked_again(asked_for, since) == []
    assert len(asked_for) == since + 13  # and the third run asked nothing
    assert all(
        b == a or not isinstance(b, Answer)
        for b, a in zip(_texts(before), _texts(after), strict=True)
    )
    assert repeated(asked_for[since:]) == {}


def _texts(found: list[object]) -> list[object]:
    return [f.text if isinstance(f, Answer) else f for f in found]
