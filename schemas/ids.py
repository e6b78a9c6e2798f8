"""Content ids: the same thing has the same id on every machine, in every run, in any order."""

import hashlib
import json
from typing import Any

ID_DIGITS = 24  # 96 bits: at 1e9 rows the chance of one collision is below 1e-11


def digest(*parts: Any) -> str:
    """sha256 (64 hex digits) of the canonical JSON of `parts`; floats keep their shortest repr."""
    text = json.dumps(parts, sort_keys=True, separators=(",", ":"), ensure_ascii=True)
    return hashlib.sha256(text.encode()).hexdigest()


def content_id(prefix: str, *parts: Any) -> str:
    """An id such as `img-0f3a…`, a function of `parts` alone (JSON values)."""
    return f"{prefix}-{digest(prefix, *parts)[:ID_DIGITS]}"


def pick(count: int, *key: Any) -> int:
    """A keyed choice in [0, count): looks random over keys, is the same for one key for ever."""
    if count < 1:
        raise ValueError(f"cannot pick one of {count}")
    return int(digest("pick", *key)[:15], 16) % count
