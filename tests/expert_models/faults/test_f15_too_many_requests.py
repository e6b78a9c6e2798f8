"""F15: 429 with and without Retry-After. The server's wish is honoured within a cap, and never hangs a build."""

import time

import pytest

from schemas.exchange import Failure
from tests.expert_models.faults.setting import (
    TOO_LONG_S,
    Clock,
    asked,
    chosen,
    is_whole,
    script,
    status,
)
from tests.fakes.server import serving

DATE = "Wed, 21 Oct 2026 07:28:00 GMT"
CAP_S = 20.0
OWN_S = 1.0  # more than the client's own first wait


@pytest.mark.parametrize(
    ("headers", "least_s", "most_s"),
    [
        ({}, 0.01, OWN_S),
        ({"Retry_After": "7"}, 7, 8),
        ({"Retry_After": "Wed, 21 Oct 2026 07:28:07 GMT", "Date": DATE}, 7, 8),
        ({"Retry_After": "86400"}, CAP_S, CAP_S),
        ({"Retry_After": "9" * 400}, CAP_S, CAP_S),
        ({"Retry_After": "Fri, 21 Oct 2095 07:28:00 GMT", "Date": DATE}, CAP_S, CAP_S),
        ({"Retry_After": "-7"}, 0.01, OWN_S),
        ({"Retry_After": "Wed, 21 Oct 2026 07:27:00 GMT", "Date": DATE}, 0.01, OWN_S),
        ({"Retry_After": "soon"}, 0.01, OWN_S),
        ({"Retry_After": "nan"}, 0.01, OWN_S),
        ({"Retry_After": "Wed, 99 Oct 20260 07:28:00 GMT"}, 0.01, OWN_S),
        ({"Retry_After": "٧"}, 0.01, OWN_S),  # an Arabic seven is no digit of HTTP
    ],
)
def test_the_wait(headers: dict[str, str], least_s: float, most_s: float) -> None:
    clock = Clock()
    with serving(script(status(429, **headers), attempts=(0,))) as server:
        [answer] = asked(chosen(server.url, retry_after_cap_s=CAP_S), clock=clock)
    assert is_whole(answer)
    assert answer.attempts == 2
    assert least_s <= sum(clock.waits) <= most_s


def test_a_day_long_wish_does_not_hold_the_build() -> None:
    started = time.monotonic()
    with serving(script(status(429, Retry_After="86400"), attempts=(0,))) as server:
        found = asked(chosen(server.url, retry_after_cap_s=0.3), count=4)
    assert all(is_whole(a) for a in found)
    assert time.monotonic() - started < TOO_LONG_S


def test_refused_for_ever_is_a_failure_of_the_row(tmp_path) -> None:
    with serving(script(status(429, Retry_After="1"))) as server:
        [failure] = asked(chosen(server.url, attempts=3), clock=Clock())
        assert server.requests == 3
    assert isinstance(failure, Failure)
    assert (failure.reason, failure.attempts) == ("endpoint_unavailable", 3)
    assert "429" in failure.detail


def test_a_crowd_that_is_turned_away_loses_nobody() -> None:
    with serving(script(status(429), share=0.3)) as server:
        found = asked(
            chosen(server.url, attempts=12, breaker_failures=1000), count=60, clock=Clock()
        )
    assert all(is_whole(a) for a in found)
