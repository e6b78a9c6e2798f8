"""Progress on stderr, read from the run log: what is committed is what is done."""

import json
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeElapsedColumn
from rich.progress import Progress as Bars

STAGE_END = {"ingest": "ingest", "curate": "curate", "words": "verify", "release": "release"}
"""The phase whose commit ends a task of a stage."""


class Progress:
    """One line a stage: a live bar on a terminal, a plain line elsewhere, nothing when quiet."""

    def __init__(self, out: Path, *, quiet: bool = False) -> None:
        self._log = out / "run" / "log.jsonl"
        self._console = Console(file=sys.stderr, quiet=quiet)

    @contextmanager
    def stage(self, name: str, *, total: int | None = None, done: int = 0) -> Iterator[None]:
        started = time.monotonic()
        if total is not None and self._console.is_terminal and not self._console.quiet:
            with self._bar(name, total, done):
                yield
            return
        yield
        shards = "" if total is None else f"{total} shards" + (f", {done} reused" if done else "")
        self._console.print(
            f"{name:<8} {time.monotonic() - started:6.1f} s  {shards}", highlight=False
        )

    @contextmanager
    def _bar(self, name: str, total: int, done: int) -> Iterator[None]:
        columns = (
            TextColumn("{task.description:<8}"),
            BarColumn(),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
        )
        with Bars(*columns, console=self._console) as bars:
            bar = bars.add_task(name, total=total, completed=done)
            stop = threading.Event()
            count = _Commits(self._log, STAGE_END.get(name, name))

            def watch() -> None:
                while not stop.wait(0.5):
                    bars.advance(bar, count.new())

            thread = threading.Thread(target=watch, daemon=True)
            thread.start()
            try:
                yield
            finally:
                stop.set()
                thread.join()
                bars.advance(bar, count.new())


class _Commits:
    """Counts commits of one phase that were appended to the run log since the last call."""

    def __init__(self, path: Path, phase: str) -> None:
        self._path, self._phase = path, phase
        self._at = path.stat().st_size if path.exists() else 0

    def new(self) -> int:
        if not self._path.exists():
            return 0
        with self._path.open("rb") as stream:
            stream.seek(self._at)
            lines = stream.read().split(b"\n")
        self._at += sum(len(line) + 1 for line in lines[:-1])
        events = [json.loads(line) for line in lines[:-1] if line]
        return sum(e["event"] == "committed" and e["phase"] == self._phase for e in events)
