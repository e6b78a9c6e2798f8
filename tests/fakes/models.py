"""Who answers. Stand-ins for a big model: they read the prompt they are sent and answer by simple rules."""

import hashlib
import json
from collections.abc import Callable
from typing import Any

from tests.fakes.garbage import Said


def echo(body: dict[str, Any]) -> Said:
    """A short JSON object that depends on the request and nothing else."""
    last = json.dumps(body["messages"][-1], sort_keys=True).encode()
    return Said(json.dumps({"answer": hashlib.sha256(last).hexdigest()[:16]}))


MODELS: dict[str, Callable[[dict[str, Any]], Said]] = {"echo": echo}
