"""The run log: OUT/run/log.jsonl, one JSON line an event. Times live here and nowhere in the corpus."""

import json
import os
import time
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
