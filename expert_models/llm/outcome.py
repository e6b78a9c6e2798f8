"""What one attempt came to: words, a refusal of this request, or a reason to try again."""

from dataclasses import dataclass

from expert_models.llm.completion import Completion, error_code, read_completion
from expert_models.llm.retry import OVERLOADED, is_passing, is_stopping, retry_after_s
from expert_models.llm.wire import LineFault, Reply

RAW_LIMIT = 2000  # characters of a useless body that are kept


@dataclass(frozen=True)
class Miss:
    """An attempt without an answer. `reason` is a code of schemas.reasons.

    again: whether another try may help. asked_s: wait that the server asked for, seconds.
    """

    reason: str
    detail: str
    again: bool
    raw: str = ""
    asked_s: float | None = None
    overloaded: bool = False


class Stopping(Exception):
    """A reply that every further call would get as well."""

    def __init__(self, status: int, found: str) -> None:
        super().__init__(found)
        self.status = status
        self.found = found


def outcome_of(reply: Reply) -> Completion | Miss:
    """Read a whole reply. Raises Stopping."""
    if is_stopping(reply.status):
        raise Stopping(reply.status, _found(reply))
    if reply.status != 200:
        return _missed(reply)
    try:
        return read_completion(reply.body)
    except ValueError as error:
        return Miss("endpoint_unavailable", str(error), again=True, raw=_raw(reply.body))


def missed(fault: LineFault) -> Miss:
    """The same of a line fault. An answer that is too large would be so again."""
    return Miss(
        fault.reason,
        fault.detail,
        again=fault.reason != "answer_too_large",
        overloaded=fault.reason == "deadline_exceeded",
    )


def _missed(reply: Reply) -> Miss:
    if not is_passing(reply.status):
        return Miss("request_refused", _found(reply), again=False, raw=_raw(reply.body))
    return Miss(
        "endpoint_unavailable",
        _found(reply),
        again=True,
        raw=_raw(reply.body),
        asked_s=retry_after_s(reply.headers),
        overloaded=reply.status in OVERLOADED,
    )


def _found(reply: Reply) -> str:
    code = error_code(reply.body)
    return f"HTTP {reply.status}" + (f" {code}" if code else "")


def _raw(body: bytes) -> str:
    return body[: 4 * RAW_LIMIT].decode("utf-8", "replace")[:RAW_LIMIT]
