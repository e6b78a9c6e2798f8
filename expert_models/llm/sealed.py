"""One answer as bytes that prove themselves: a checksum, then JSON."""

import hashlib
import json

from schemas.exchange import Answer

_DIGEST = 64  # hex digits


def seal(answer: Answer) -> bytes:
    """sha256 (hex), a line break, JSON in ASCII. `cached` is left out: it says how an answer came."""
    values = {name: value for name, value in vars(answer).items() if name != "cached"}
    text = json.dumps(values, separators=(",", ":"), sort_keys=True).encode()
    return hashlib.sha256(text).hexdigest().encode() + b"\n" + text


def unseal(data: bytes, key: str) -> Answer | None:
    """The answer under `key`, marked as cached; None where the bytes are torn, altered or another's."""
    digest, text = data[:_DIGEST], data[_DIGEST + 1 :]
    if hashlib.sha256(text).hexdigest().encode() != digest:
        return None
    try:
        answer = Answer(**json.loads(text), cached=True)
    except (ValueError, TypeError):
        return None  # sealed by another version
    return answer if answer.key == key else None
