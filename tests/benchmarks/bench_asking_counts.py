"""B10: one run of one client against a fresh server, and what is counted of it."""

import json
import os
import resource
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import psutil

from schemas.ids import digest
from tests.fakes.garbage import CONTENT
from tests.fakes.log import Asked, read_log, slots_busy
from tests.fakes.script import Script

ROOT = Path(__file__).resolve().parents[2]
SLOTS = 64


@dataclass(frozen=True)
class Figures:
    """One run of one client. seconds: the whole process; asking_s: first request to last answer.

    good: rows that hold the JSON of their own question; explained: rows without it that say why;
    unexplained: rows with something else that passes for an answer; lost: questions without a row.
    """

    seconds: float
    asking_s: float
    requests: int
    busy: float
    busy_middle: float
    lost: int
    good: int
    explained: int
    unexplained: int
    again: int  # questions received again after a good answer
    client_ms: float  # CPU time of the client's processes a request, as far as it waited for them
    server_ms: float  # CPU time of the server a request
    others: float  # share of the machine's CPU that other processes had meanwhile


def code_of(number: int) -> str:
    return digest("question", number)[:8]


def write_questions(path: Path, count: int) -> None:
    """About 600 characters each, with a code that the right answer repeats."""
    filler = (
        "The reader looks at the picture, weighs what is known, and answers in one JSON object. "
        * 6
    )
    with path.open("w") as file:
        for n in range(count):
            text = f"Question {n}. {filler}\nRepeat this code {code_of(n)} in the key `code`."
            file.write(json.dumps({"id": n, "code": code_of(n), "text": text}) + "\n")


@contextmanager
def server(folder: Path, script: Script) -> Iterator[tuple[str, Path]]:
    """A server process; yields its address and its log."""
    log, file = folder / "log.jsonl", folder / "script.json"
    log.unlink(missing_ok=True)
    file.write_text(json.dumps(asdict(script)))
    command = [sys.executable, "-m", "tests.fakes.server", "--script", file, "--log", log]
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE)
    assert process.stdout is not None
    try:
        yield json.loads(process.stdout.readline())["url"], log
    finally:
        process.terminate()
        process.wait()
        process.stdout.close()


def run(folder: Path, script: Script, command: list[str], count: int) -> Figures:
    """Run a client against a fresh server and count."""
    out = folder / "rows.jsonl"
    out.unlink(missing_ok=True)
    with server(folder, script) as (url, log):
        filled = [
            {"QUESTIONS": str(folder / "questions.jsonl"), "URL": url, "OUT": str(out)}.get(c, c)
            for c in command
        ]
        started, spent, busy = time.monotonic(), cpu_of_children(), cpu_of_machine()
        ended = subprocess.run(filled, cwd=folder, capture_output=True, text=True, check=False)
        seconds, spent = time.monotonic() - started, cpu_of_children() - spent
        busy = cpu_of_machine() - busy
        report = json.load(urllib.request.urlopen(url.replace("/v1", "/fake/report")))
        others = (busy - spent - report["cpu_s"]) / (seconds * (os.cpu_count() or 1))
        if ended.returncode:
            print(f"{command[1]}: exit {ended.returncode}: {ended.stderr[-400:]}", file=sys.stderr)
        figures = counted(seconds, spent, report, read_log(log), out, count)
        return replace(figures, others=max(0.0, others))


def counted(
    seconds: float, spent: float, report: dict[str, Any], asked: list[Asked], out: Path, count: int
) -> Figures:
    rows = [json.loads(line) for line in out.read_text().splitlines()] if out.exists() else []
    found = {row["id"]: _judged(row) for row in rows}
    spans = [(a.received_s, a.answered_s) for a in asked if a.answered_s is not None]
    good = {a.number: a.key for a in asked if a.status == 200 and a.fault not in CONTENT}
    return Figures(
        seconds=seconds,
        asking_s=max(e for _, e in spans) - min(s for s, _ in spans) if spans else 0.0,
        requests=len(asked),
        busy=slots_busy(asked, SLOTS),
        busy_middle=slots_busy(asked, SLOTS, trimmed=0.01),
        lost=count - len(found),
        good=sum(f == "good" for f in found.values()),
        explained=sum(f == "explained" for f in found.values()),
        unexplained=sum(f == "unexplained" for f in found.values()),
        again=len(good) - len(set(good.values())),
        client_ms=1000 * spent / max(1, len(asked)),
        server_ms=1000 * report["cpu_s"] / max(1, len(asked)),
        others=0.0,
    )


def cpu_of_children() -> float:
    """Seconds that ended and awaited child processes have spent."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def cpu_of_machine() -> float:
    """Seconds that all cores together have worked."""
    times = psutil.cpu_times()
    return times.user + times.system + times.nice + times.irq + times.softirq


def _judged(row: dict[str, Any]) -> str:
    if row.get("reason"):
        return "explained"
    try:
        value = json.loads(row["text"])
    except (ValueError, TypeError):
        return "unexplained"
    whole = isinstance(value, dict) and value.keys() == {"code", "answer"}
    return "good" if whole and value["code"] == code_of(row["id"]) else "unexplained"
