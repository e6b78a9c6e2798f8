"""Requests that an in-process model could not answer: kept for this build, so that they are asked once.

A failure is not an answer: the store never holds it, and the next build asks again.
"""

import json
import shutil
from collections.abc import Iterable
from dataclasses import asdict
from pathlib import Path

from pipelines.models.requests import waiting_folder
from schemas.exchange import Failure


def _path(out: str | Path, model: str) -> Path:
    return waiting_folder(out) / f"failed-{model}.jsonl"


def add_failures(out: str | Path, model: str, failures: Iterable[Failure]) -> None:
    """Remember failures of one model."""
    path = _path(out, model)
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a", encoding="utf-8") as stream:
        for failure in failures:
            stream.write(json.dumps(asdict(failure)) + "\n")


def read_failures(out: str | Path, model: str) -> dict[str, Failure]:
    """Failures of one model by request key."""
    path = _path(out, model)
    if not path.exists():
        return {}
    rows = (Failure(**json.loads(line)) for line in path.read_text("utf-8").splitlines())
    return {failure.key: failure for failure in rows}


def clear_waiting(out: str | Path) -> None:
    """Forget what waits and what failed: a new build begins, or this one is done."""
    shutil.rmtree(waiting_folder(out), ignore_errors=True)
