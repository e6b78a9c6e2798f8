"""JSON as RFC 8259 has it, with bounds: what Python's reader lets pass is refused here.

`json.loads` takes NaN, repeated keys (the last wins), numbers that overflow to infinity and lone
surrogates, and dies of RecursionError on deep nesting.
"""

import json
import math
import re
from typing import Any

from transforms.prompting.fault import Fault

MAX_BYTES = 200_000
MAX_DEPTH = 16
_LONGEST_INTEGER = 18  # digits: every one of them fits 64 bits
_STRING = re.compile(r'"(?:[^"\\]|\\.)*"?', re.DOTALL)


def parse_strict(text: str, *, max_bytes: int = MAX_BYTES, max_depth: int = MAX_DEPTH) -> Any:
    """The one JSON value that is the whole of `text`.

    Raises Fault(answer_too_large) above `max_bytes` of UTF-8, and Fault(answer_malformed) on anything
    that is not strict JSON: NaN, Infinity, a repeated key, nesting beyond `max_depth`, a lone
    surrogate or NUL, a number too big to keep, text before or after the value.
    """
    if len(text) > max_bytes or len(text.encode("utf-8", "surrogatepass")) > max_bytes:
        raise Fault("answer_too_large", f"more than {max_bytes} bytes")
    _check_depth(text, max_depth)
    try:
        value = json.loads(
            text,
            object_pairs_hook=_unique,
            parse_constant=_no_constant,
            parse_float=_finite,
            parse_int=_bounded,
        )
    except json.JSONDecodeError as error:
        raise _bad(f"{error.msg} at character {error.pos}") from None
    _check_strings(value)
    return value


def _bad(detail: str) -> Fault:
    return Fault("answer_malformed", f"not JSON: {detail}")


def _check_depth(text: str, limit: int) -> None:
    """Depth before parsing, so that the parser never recurses deeper than `limit`."""
    depth = 0
    for bracket in re.finditer(r"[\[\]{}]", _STRING.sub("", text)):
        depth += 1 if bracket.group() in "[{" else -1
        if depth > limit:
            raise _bad(f"nested deeper than {limit}")


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise _bad("a key is repeated")
    return found


def _no_constant(name: str) -> Any:
    raise _bad(f"{name} is no JSON number")


def _finite(digits: str) -> float:
    value = float(digits)
    if not math.isfinite(value):
        raise _bad("a number is too big")
    return value


def _bounded(digits: str) -> int:
    if len(digits.lstrip("-")) > _LONGEST_INTEGER:
        raise _bad("a number is too big")
    return int(digits)


def _check_strings(value: Any) -> None:
    if isinstance(value, str):
        if "\0" in value:
            raise _bad("a string holds NUL")
        if any("\ud800" <= c <= "\udfff" for c in value):
            raise _bad("a string holds a lone surrogate")
    elif isinstance(value, dict):
        for key, part in value.items():
            _check_strings(key)
            _check_strings(part)
    elif isinstance(value, list):
        for part in value:
            _check_strings(part)
