"""Who answers. Stand-ins for a big model: they read the prompt they are sent and answer by simple rules."""

import hashlib
import json
import re
from collections.abc import Callable
from typing import Any

from tests.fakes.envelope import text_of
from tests.fakes.garbage import Said

_CODE = re.compile(r"\bcode\W{1,4}([0-9a-f]{8})\b")


def echo(body: dict[str, Any]) -> Said:
    """A short JSON object that depends on the request and nothing else, with the prompt's code if any."""
    text = text_of(body)
    code = _CODE.search(text)
    answer = hashlib.sha256(text.encode()).hexdigest()[:16]
    return Said(json.dumps({"code": code[1] if code else "", "answer": answer}))


def echo_backwards(body: dict[str, Any]) -> Said:
    """As `echo`, with another answer to the same request: a second draw of a model that is not exact."""
    value = json.loads(echo(body).text)
    return Said(json.dumps({**value, "answer": value["answer"][::-1]}))


MODELS: dict[str, Callable[[dict[str, Any]], Said]] = {
    "echo": echo,
    "echo_backwards": echo_backwards,
}
