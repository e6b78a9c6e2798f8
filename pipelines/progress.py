"""Progress on stderr, read from the run log: what is committed is what is done."""

import json
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)
from rich.progress import Progress as Bars

STAGE_END = {"ingest": "ingest", "curate": "curate", "words": "verify", "release": "release"}
"""The phase whose commit ends a task of a stage."""

ACCEPTED = ("sentences", "questions", "conversations")


class Progress:
    """One line a stage: a live bar on a terminal, a plain line elsewhere, nothing when quiet."""

    def __init__(self, out: Path, *, quiet: bool = False) -> None:
        self._log = out / "run" / "log.jsonl"
        self._console = Console(file=sys.stderr, quiet=quiet)

    def warn(self, what: str) -> None:
        """Something that does not stop the build and that the person should know of."""
        self._console.print(f"warning  {what}", highlight=False, markup=False)

    @contextmanager
    def stage(self, name: str, *, total: int | None = None, done: int = 0) -> Iterator[None]:
        started = time.monotonic()
        commits = Commits(self._log, STAGE_END.get(name, name))
        if total is not None and self._console.is_terminal and not self._console.quiet:
            with self._bar(name, total, done, commits):
                yield
            return
        yield
        commits.read()
        shards = "" if total is None else f"{total} shards" + (f", {done} reused" if done else "")
        line = f"{name:<8} {time.monotonic() - started:6.1f} s  {shards}  {commits.tally()}"
        self._console.print(line.rstrip(), highlight=False)

    @contextmanager
    def _bar(self, name: str, total: int, done: int, commits: "Commits") -> Iterator[None]:
        columns = (
            TextColumn("{task.description:<8}"),
            BarColumn(),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
            TimeRemainingColumn(),
            TextColumn("{task.fields[tally]}"),
        )
        with Bars(*columns, console=self._console) as bars:
            bar = bars.add_task(name, total=total, completed=done, tally="")
            stop = threading.Event()

            def show() -> None:
                commits.read()
                bars.update(bar, completed=done + commits.done, tally=commits.tally())

            def watch() -> None:
                while not stop.wait(0.5):
                    show()

            thread = threading.Thread(target=watch, daemon=True)
            thread.start()
            try:
                yield
            finally:
                stop.set()
                thread.join()
                show()


class Commits:
    """Commits appended to the run log since this was made: how many of one phase, and what they hold."""

    def __init__(self, path: Path, phase: str) -> None:
        self._path, self._phase = path, phase
        self._at = path.stat().st_size if path.exists() else 0
        self.done = 0
        self._seen: Counter[str] = Counter()

    def read(self) -> None:
        """Take in what has been appended; a line still being written waits for the next time."""
        if not self._path.exists():
            return
        with self._path.open("rb") as stream:
            stream.seek(self._at)
            lines = stream.read().split(b"\n")
        self._at += sum(len(line) + 1 for line in lines[:-1])
        for line in filter(None, lines[:-1]):
            event = json.loads(line)
            if event["event"] == "committed":
                self._add(event["phase"], event["counts"])

    def _add(self, phase: str, counts: dict[str, int]) -> None:
        self._seen.update({k: counts.get(k, 0) for k in ("asked", "cached")})
        if phase != self._phase:
            return
        self.done += 1
        if phase == "verify":
            self._seen["accepted"] += sum(counts.get(kind, 0) for kind in ACCEPTED)
            self._seen["rejected"] += counts["rejects"]

    def tally(self) -> str:
        """Words accepted and rejected, requests asked and cached; "" where there are none."""
        return ", ".join(f"{n} {what}" for what, n in sorted(self._seen.items()) if n)
