"""The request log of a fake server: what was asked and answered, on disk as it happens.

One JSON line when a request is received and one when its answer is out. Lines are appended, unbuffered, before the
event loop waits again, so the log holds whatever becomes of the client, and of the server all but the last moment.
A torn last line is left out on reading.
"""

import asyncio
import json
import os
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any


class RequestLog:
    """Appends events to a file, or drops them if there is none. For one event loop."""

    def __init__(self, path: Path | None) -> None:
        flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND
        self._file = None if path is None else os.open(path, flags, 0o644)
        self._lines: list[bytes] = []

    def write(self, event: dict[str, Any]) -> None:
        if self._file is None:
            return
        if not self._lines:
            asyncio.get_running_loop().call_soon(self.flush)
        self._lines.append(json.dumps(event, separators=(",", ":")).encode() + b"\n")

    def flush(self) -> None:
        if self._file is not None and self._lines:
            os.write(self._file, b"".join(self._lines))
        self._lines.clear()

    def close(self) -> None:
        if self._file is not None:
            self.flush()
            os.close(self._file)
            self._file = None


@dataclass
class Asked:
    """One request. Seconds since the server's start; `answered_s` None: no answer was sent to its end.

    key: digest of the whole body. prompt: digest of the messages alone. started_s: when it got its slot.
    status: of HTTP; 0 where the fault left none. fault: its kind, or "" for an honest answer.
    """

    number: int
    key: str
    prompt: str
    attempt: int
    received_s: float
    started_s: float | None = None
    answered_s: float | None = None
    status: int = 0
    fault: str = ""


def read_log(path: Path) -> list[Asked]:
    """All requests in order of receipt."""
    asked: dict[int, Asked] = {}
    for line in path.read_bytes().split(b"\n"):
        try:
            event = json.loads(line)
        except ValueError:
            continue  # empty, or the torn end of a server that was killed
        if event.pop("event") == "received":
            asked[event["number"]] = Asked(**event)
        else:
            one = asked[event["number"]]
            one.started_s, one.answered_s = event["started_s"], event["answered_s"]
            one.status, one.fault = event["status"], event["fault"]
    return [asked[number] for number in sorted(asked)]


def repeated(asked: list[Asked]) -> dict[str, int]:
    """Keys received more than once, with how often."""
    return {key: count for key, count in Counter(a.key for a in asked).items() if count > 1}


def asked_again(asked: list[Asked], since: int) -> list[str]:
    """Keys with a good answer among the first `since` requests that were received again after them."""
    good = {a.key for a in asked[:since] if a.status == 200 and a.answered_s is not None}
    return sorted({a.key for a in asked[since:]} & good)


def slots_busy(asked: list[Asked], slots: int, *, trimmed: float = 0.0) -> float:
    """Share of slot time in use, in [0, 1], between the first receipt and the last answer.

    trimmed: this share of the requests is left out at either end of the window, where a client starts
    up, or has nothing left to ask but waits for its last retries.
    """
    spans = [(a.started_s, a.answered_s) for a in asked if a.started_s and a.answered_s]
    if not spans:
        return 0.0
    received = sorted(a.received_s for a in asked)
    cut = int(trimmed * len(received))
    first = received[cut]
    last = received[-1 - cut] if cut else max(end for _, end in spans)
    busy = sum(max(0.0, min(end, last) - max(start, first)) for start, end in spans)
    return busy / (slots * (last - first)) if last > first else 0.0
