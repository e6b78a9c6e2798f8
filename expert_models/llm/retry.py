"""Which replies are worth another try, and how long to wait before it."""

from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from schemas.ids import pick

FIRST_WAIT_S = 0.2
GROWTH = 3  # of the wait from try to try: a stray fault costs little, four tries outlast a restart
LONGEST_WAIT_S = 30.0
_STEPS = 1000  # resolution of the jitter

STOPPING = {401, 402, 403, 404, 405, 407, 410}
"""Statuses that every further call would get as well: key, account, address or name of the model."""

AGAIN = {408, 409, 425, 429}
"""Statuses below 500 that pass; every one from 500 is taken to pass too."""

OVERLOADED = {429, 503}


def is_stopping(status: int) -> bool:
    """No call can succeed: credentials, address, model name, or a redirect, which is not followed."""
    return status in STOPPING or 300 <= status < 400


def is_passing(status: int) -> bool:
    """The same request may succeed later."""
    return status in AGAIN or status >= 500


def backoff_s(key: str, attempt: int) -> float:
    """Seconds after failed attempt number `attempt` (from 1): tripling, with jitter of a half.

    The jitter is a function of key and attempt, so that two runs wait alike and calls do not go in
    step. Source: AWS Architecture Blog, "Exponential Backoff And Jitter" (2015), "equal jitter".
    """
    whole = min(LONGEST_WAIT_S, FIRST_WAIT_S * GROWTH ** min(attempt - 1, 8))
    return whole * (0.5 + 0.5 * pick(_STEPS, "backoff", key, attempt) / _STEPS)


def retry_after_s(headers: Mapping[str, str]) -> float | None:
    """Seconds that Retry-After asks for, RFC 9110 10.2.3: a count, or a date.

    A date is compared with the server's own Date, so a clock that is wrong there does no harm. None
    where the header is absent, negative, past, or neither of the two.
    """
    said = headers.get("Retry-After", "").strip()
    if said.isascii() and said.isdigit():
        return float(said) if len(said) < 12 else float("inf")
    until, now = _date(said), _date(headers.get("Date", "")) or datetime.now(UTC)
    if until is None or until <= now:
        return None
    return (until - now).total_seconds()


def wait_s(key: str, attempt: int, asked_s: float | None, cap_s: float) -> float:
    """The longer of our own back-off and what the server asked for, the latter up to `cap_s`."""
    return max(backoff_s(key, attempt), min(asked_s or 0.0, cap_s))


def _date(text: str) -> datetime | None:
    try:
        found = parsedate_to_datetime(text)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    return found if found.tzinfo else found.replace(tzinfo=UTC)
