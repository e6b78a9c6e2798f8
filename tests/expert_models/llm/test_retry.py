"""What is tried again, and when."""

import pytest

from expert_models.llm.retry import backoff_s, is_passing, is_stopping, retry_after_s, wait_s

NOW = "Wed, 21 Oct 2026 07:28:00 GMT"


@pytest.mark.parametrize(
    ("said", "seconds"),
    [
        ("7", 7.0),
        (" 0 ", 0.0),
        ("Wed, 21 Oct 2026 07:28:30 GMT", 30.0),
        ("Wed, 21 Oct 2026 07:27:30 GMT", None),  # past
        ("-5", None),
        ("1.5", None),  # RFC 9110 knows whole seconds only
        ("soon", None),
        ("", None),
        ("²", None),  # a digit to str.isdigit, not to float
        ("9" * 400, float("inf")),
        ("Wed, 99 Oct 2026 07:28:30 GMT", None),
    ],
)
def test_retry_after(said: str, seconds: float | None) -> None:
    assert retry_after_s({"Retry-After": said, "Date": NOW}) == seconds


def test_a_date_is_compared_with_the_servers_own_clock() -> None:
    """Both dates lie decades back, as on a machine whose clock was never set."""
    headers = {
        "Retry-After": "Thu, 01 Jan 1970 00:01:00 GMT",
        "Date": "Thu, 01 Jan 1970 00:00:50 GMT",
    }
    assert retry_after_s(headers) == 10


def test_the_wait_is_the_longer_one_and_the_servers_wish_is_capped() -> None:
    own = backoff_s("key", 1)
    assert wait_s("key", 1, None, 60) == own
    assert wait_s("key", 1, 0.0, 60) == own
    assert wait_s("key", 1, 5.0, 60) == 5
    assert wait_s("key", 1, float("inf"), 60) == 60
    assert wait_s("key", 1, 5.0, 0) == own


def test_backoff_grows_is_bounded_and_keyed() -> None:
    waits = [backoff_s("key", attempt) for attempt in range(1, 40)]
    assert waits[0] < waits[1] < waits[2] < waits[3]
    assert 15 <= waits[-1] <= 30
    assert sum(waits[:4]) > 4, "four waits outlast a restart"
    firsts = {backoff_s(f"key {n}", 1) for n in range(50)}
    assert len(firsts) > 30, "calls do not go in step"
    assert backoff_s("key", 3) == backoff_s("key", 3)


def test_sorts_of_status() -> None:
    assert {s for s in range(200, 600) if is_stopping(s)} == {
        *range(300, 400), 401, 402, 403, 404, 405, 407, 410,
    }  # fmt: skip
    assert {s for s in range(200, 600) if is_passing(s)} == {408, 409, 425, 429, *range(500, 600)}
