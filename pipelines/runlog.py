"""The run log: OUT/run/log.jsonl, one JSON line an event. Times live here and nowhere in the corpus."""

import json
import os
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any


def log(out: str | Path, event: str, **more: Any) -> None:
    """Append one line. Short appends to one file do not interleave (POSIX O_APPEND)."""
    path = Path(out) / "run" / "log.jsonl"
    path.parent.mkdir(parents=True, exist_ok=True)
    line = json.dumps({"time": round(time.time(), 3), "event": event, **more}, sort_keys=True)
    handle = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o644)
    try:
        os.write(handle, f"{line}\n".encode())
    finally:
        os.close(handle)


def log_size(out: str | Path) -> int:
    """Bytes of the log so far: where to read on from."""
    path = Path(out) / "run" / "log.jsonl"
    return path.stat().st_size if path.exists() else 0


def events(out: str | Path, event: str, *, since: int = 0) -> Iterator[dict[str, Any]]:
    """Lines of one event that were appended after `since` bytes; a torn last line is left out."""
    path = Path(out) / "run" / "log.jsonl"
    if not path.exists():
        return
    with path.open("rb") as stream:
        stream.seek(since)
        for line in stream:
            if line.endswith(b"\n") and (found := json.loads(line))["event"] == event:
                yield found
