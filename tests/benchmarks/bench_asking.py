"""B10: 5,000 questions to a model server, side by side: slots kept busy, calls a second, rows lost.

    python tests/benchmarks/bench_asking.py [--calls 5000] [--repeats 3] [--distilabel PYTHON]

A fake server in a process of its own answers in 50 ms +- 20, 64 at a time; of the requests 3 % get malformed JSON,
1 % a 429, 1 % a 500, all drawn from a hash of the prompt, so every client meets the same faults. Each client is a
process of its own that is told where the questions lie and leaves one row a question. From the server's log come the requests, the questions asked again after a good answer, and the share of slot time in use
between the first request and the last answer; `medgrain` then runs a second time on the answers it has kept.

Clients: `bench_asking_medgrain.py`; `bench_asking_loop.py`, a bare asyncio loop; `bench_asking_ray.py`, the HTTP
processor of ray.data.llm; `bench_asking_distilabel.py`, in an environment of its own (--distilabel names its Python).
Prints a table of medians, and what the server itself can do without latency.
"""

import argparse
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

from tests.benchmarks.bench_asking_counts import SLOTS, Figures, run, server, write_questions
from tests.fakes.script import Fault, Rule, Script

HERE = Path(__file__).resolve().parent
RULES = (
    Rule(Fault("status", status=429), share=0.01),
    Rule(Fault("status", status=500), share=0.01),
    Rule(Fault("cut_unsaid"), share=0.01),
    Rule(Fault("prose"), share=0.01),
    Rule(Fault("nan"), share=0.01),
)


def b10(latency_s: float) -> Script:
    """The server's script; latency is uniform in +- 40 %."""
    return Script(
        model="echo", latency_s=latency_s, jitter_s=0.4 * latency_s, slots=SLOTS, rules=RULES
    )


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
    parser.add_argument(
        "--latency-ms", type=float, default=50.0, help="mean of an answer; +- 40 %%"
    )
    parser.add_argument("--clients", default="medgrain,medgrain-2,loop,ray")
    parser.add_argument(
        "--work", type=Path, help="where answers are stored; default: a temporary folder"
    )
    parser.add_argument("--distilabel", help="Python of an environment with distilabel[openai]")
    given = parser.parse_args()
    names = given.clients.split(",") + (["distilabel"] if given.distilabel else [])
    script = b10(given.latency_ms / 1000)
    figures: dict[str, list[Figures]] = {}
    with tempfile.TemporaryDirectory(dir=given.work) as name:
        folder = Path(name)
        write_questions(folder / "questions.jsonl", given.calls)
        most = [capacity(folder)]
        for _ in range(given.repeats):
            for client in names:
                for label, found in runs_of(client, folder, script, given).items():
                    figures.setdefault(label, []).append(found)
        most.append(capacity(folder))
    show(figures, given, script, most)


def runs_of(
    client: str, folder: Path, script: Script, given: argparse.Namespace
) -> dict[str, Figures]:
    """One run of a client; of medgrain also the second, on the answers kept. "medgrain-2": two workers."""
    name, _, workers = client.partition("-")
    python = given.distilabel if name == "distilabel" else sys.executable
    command = [python, str(HERE / f"bench_asking_{name}.py"), "QUESTIONS", "URL", "OUT"]
    if name != "medgrain":
        return {client: run(folder, script, command, given.calls)}
    kept = folder / "kept"
    shutil.rmtree(kept, ignore_errors=True)
    command += [str(kept), workers or "1"]
    label = f"medgrain, {workers or 1} worker(s)"
    return {
        label: run(folder, script, command, given.calls),
        f"{label}, second run": run(folder, script, command, given.calls),
    }


COLUMNS = (
    "client", "seconds, process", "seconds, asking", "calls/s", "slots busy %", "of the middle 98 %", "requests",
    "good rows", "explained", "unexplained", "lost", "asked again",
)  # fmt: skip


def show(
    figures: dict[str, list[Figures]], given: argparse.Namespace, script: Script, most: list[float]
) -> None:
    """Medians as a table, then what the server did."""
    load = os.getloadavg()[0]
    print(f"{given.calls} questions, medians of {given.repeats}; load at the end {load:.1f}\n")
    print(f"| {' | '.join(COLUMNS)} |\n|{' --- |' * len(COLUMNS)}")
    for client, runs in figures.items():
        print(f"| {' | '.join([client, *cells(runs)])} |")
    ideal = given.calls * script.latency_s / SLOTS
    print(f"\nOne request a question with all slots busy would take {ideal:.1f} s.")
    rates = ", ".join(f"{m:,.0f}" for m in most)
    print(f"The server without latency: {rates} requests a second (before, after).")
    for client, runs in figures.items():
        spread = ", ".join(f"{100 * r.busy:.1f} ({100 * r.busy_middle:.1f})" for r in runs)
        if middle(runs, "requests"):
            costs = f"{middle(runs, 'client_ms'):.2f} ms of client, {middle(runs, 'server_ms'):.2f} of server"
            others = ", ".join(f"{100 * r.others:.0f}" for r in runs)
            print(f"{client}: slots busy % {spread}; CPU a request {costs}; others' CPU % {others}")


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
