"""B10: 5,000 questions to a model server, side by side: slots kept busy, calls a second, rows lost.

    python tests/benchmarks/bench_asking.py [--calls 5000] [--repeats 3] [--distilabel PYTHON]

A fake server in a process of its own answers in 50 ms +- 20, 64 at a time; of the requests 3 % get malformed JSON,
1 % a 429, 1 % a 500, all drawn from a hash of the prompt, so every client meets the same
faults. Each client is a process of its own that is told where the questions lie and leaves one row a question. From
the server's log come the requests, the questions asked again after a good answer, and the share of slot time in use
between the first request and the last answer; `medgrain` then runs a second time on the answers it has kept.

Clients: `bench_asking_medgrain.py`; `bench_asking_loop.py`, a bare asyncio loop; `bench_asking_ray.py`, the HTTP
processor of ray.data.llm; `bench_asking_distilabel.py`, in an environment of its own (--distilabel names its Python).
Prints a table of medians, and what the server itself can do without latency.
"""

import argparse
import json
import os
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from schemas.ids import digest
from tests.fakes.garbage import CONTENT
from tests.fakes.log import read_log, slots_busy
from tests.fakes.script import Fault, Rule, Script

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
SLOTS = 64
B10 = Script(
    model="echo",
    latency_s=0.05,
    jitter_s=0.02,
    slots=SLOTS,
    rules=(
        Rule(Fault("status", status=429), share=0.01),
        Rule(Fault("status", status=500), share=0.01),
        Rule(Fault("cut_unsaid"), share=0.01),
        Rule(Fault("prose"), share=0.01),
        Rule(Fault("nan"), share=0.01),
    ),
)


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


def run(folder: Path, command: list[str], count: int) -> Figures:
    """Run a client against a fresh server and count."""
    out = folder / "rows.jsonl"
    out.unlink(missing_ok=True)
    with server(folder, B10) as (url, log):
        filled = [
            {"QUESTIONS": str(folder / "questions.jsonl"), "URL": url, "OUT": str(out)}.get(c, c)
            for c in command
        ]
        started, spent = time.monotonic(), cpu_of_children()
        ended = subprocess.run(filled, cwd=folder, capture_output=True, text=True, check=False)
        seconds, spent = time.monotonic() - started, cpu_of_children() - spent
        report = json.load(urllib.request.urlopen(url.replace("/v1", "/fake/report")))
        if ended.returncode:
            print(f"{command[1]}: exit {ended.returncode}: {ended.stderr[-400:]}", file=sys.stderr)
        return counted(seconds, spent, report, read_log(log), out, count)


def counted(
    seconds: float, spent: float, report: dict[str, Any], asked: list[Any], out: Path, count: int
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
    )


def cpu_of_children() -> float:
    """Seconds that ended and awaited child processes have spent."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _judged(row: dict[str, Any]) -> str:
    if row.get("reason"):
        return "explained"
    try:
        value = json.loads(row["text"])
    except (ValueError, TypeError):
        return "unexplained"
    whole = isinstance(value, dict) and value.keys() == {"code", "answer"}
    return "good" if whole and value["code"] == code_of(row["id"]) else "unexplained"


def capacity(folder: Path, seconds: float = 4.0) -> float:
    """Requests a second that the server answers without latency or faults, 64 connections, one client process."""
    with server(folder, Script(model="echo")) as (url, _):
        done = subprocess.run(
            [sys.executable, HERE / "bench_asking_load.py", folder / "questions.jsonl", url, str(seconds)],
            capture_output=True, text=True, check=True,
        )  # fmt: skip
    return float(done.stdout)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--calls", type=int, default=5000)
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--clients", default="medgrain,loop,ray")
    parser.add_argument("--distilabel", help="Python of an environment with distilabel[openai]")
    given = parser.parse_args()
    names = given.clients.split(",") + (["distilabel"] if given.distilabel else [])
    figures: dict[str, list[Figures]] = {}
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        write_questions(folder / "questions.jsonl", given.calls)
        most = [capacity(folder)]
        for _ in range(given.repeats):
            for client in names:
                python = given.distilabel if client == "distilabel" else sys.executable
                command = [
                    python,
                    str(HERE / f"bench_asking_{client}.py"),
                    "QUESTIONS",
                    "URL",
                    "OUT",
                ]
                if client == "medgrain":
                    shutil.rmtree(folder / "kept", ignore_errors=True)
                    command.append(str(folder / "kept"))
                figures.setdefault(client, []).append(run(folder, command, given.calls))
                if client == "medgrain":
                    figures.setdefault("medgrain, again", []).append(
                        run(folder, command, given.calls)
                    )
        most.append(capacity(folder))
    show(figures, given, most)


COLUMNS = (
    "client", "seconds, process", "seconds, asking", "calls/s", "slots busy %", "of the middle 98 %", "requests",
    "good rows", "explained", "unexplained", "lost", "asked again",
)  # fmt: skip


def show(figures: dict[str, list[Figures]], given: argparse.Namespace, most: list[float]) -> None:
    """Medians as a table, then what the server did."""
    load = os.getloadavg()[0]
    print(f"{given.calls} questions, medians of {given.repeats}; load at the end {load:.1f}\n")
    print(f"| {' | '.join(COLUMNS)} |\n|{' --- |' * len(COLUMNS)}")
    for client, runs in figures.items():
        print(f"| {' | '.join([client, *cells(runs)])} |")
    ideal = given.calls * B10.latency_s / SLOTS
    print(f"\nOne request a question with all slots busy would take {ideal:.1f} s.")
    rates = ", ".join(f"{m:,.0f}" for m in most)
    print(f"The server without latency: {rates} requests a second (before, after).")
    for client, runs in figures.items():
        spread = ", ".join(f"{100 * r.busy:.1f} ({100 * r.busy_middle:.1f})" for r in runs)
        if middle(runs, "requests"):
            costs = f"{middle(runs, 'client_ms'):.2f} ms of client, {middle(runs, 'server_ms'):.2f} of server"
            print(f"{client}: slots busy % {spread}; CPU a request {costs}")


def cells(runs: list[Figures]) -> list[str]:
    """One row of the table."""
    rate = statistics.median(r.requests / r.asking_s if r.asking_s else 0.0 for r in runs)
    shares = [f"{100 * middle(runs, name):.1f}" for name in ("busy", "busy_middle")]
    counts = ("requests", "good", "explained", "unexplained", "lost", "again")
    return [
        f"{middle(runs, 'seconds'):.1f}",
        f"{middle(runs, 'asking_s'):.1f}",
        f"{rate:,.0f}",
        *shares,
        *(f"{middle(runs, name):,.0f}" for name in counts),
    ]


def middle(runs: list[Figures], name: str) -> float:
    return statistics.median(getattr(r, name) for r in runs)


if __name__ == "__main__":
    main()
