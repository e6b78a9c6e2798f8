"""A task is data: which steps to run over one shard, and what each step rests on."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pyarrow as pa

from pipelines.code_digest import code_digest
from pipelines.commit import Commit, finished, read_record
from schemas.ids import digest
from schemas.reject import Reject


@dataclass(frozen=True)
class Need:
    """An upstream shard; with `table`, only that one of its files matters."""

    phase: str
    shard: str
    table: str | None = None


@dataclass(frozen=True)
class Step:
    """One phase over one shard. `options` is JSON and holds every choice that can change the output.

    where: what the phase needs to find its models and must not change the output: addresses, limits
    of traffic, folders. It is not part of the key.
    """

    phase: str
    options: dict[str, Any]
    needs: tuple[Need, ...] = ()
    where: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Task:
    """Steps over one shard, in order."""

    out: str
    shard: str
    steps: tuple[Step, ...]


class Waiting(Exception):
    """A step cannot go on before models answer; what it asks is written down (pipelines.models.requests)."""


@dataclass
class Outcome:
    """What a phase made of one shard: tables to commit, rejects, and counts for the summary."""

    tables: dict[str, pa.Table]
    rejects: list[Reject] = field(default_factory=list)
    counts: dict[str, Any] = field(default_factory=dict)


def folder_of(out: str | Path, phase: str) -> Path:
    """The run folder of a phase."""
    return Path(out) / "run" / phase


def base_of(out: str | Path, phase: str) -> Path:
    """The folder that the file paths of a phase's commits are relative to."""
    return Path(out) / "corpus" if phase == "release" else folder_of(out, phase)


def upstream(task: Task, need: Need) -> Commit:
    """The commit a step rests on. Raises LookupError where it is missing."""
    done = read_record(folder_of(task.out, need.phase), need.shard)
    if done is None:
        raise LookupError(f"{need.phase} {need.shard} is not committed; run the build again")
    return done


def key_of(task: Task, step: Step) -> str:
    """Digest of all that the output of this step depends on: code, choices, upstream content."""
    rests_on = []
    for need in step.needs:
        done = upstream(task, need)
        if need.table is None:
            rests_on.append(done.digest())
        else:
            rests_on.append(next(f.sha256 for f in done.files if f.path == done.file(need.table)))
    return digest(code_digest(), step.phase, task.shard, step.options, rests_on)


def is_finished(task: Task) -> bool:
    """All steps of the task stand committed under their present keys, files intact."""
    for step in task.steps:
        try:
            key = key_of(task, step)
        except LookupError:
            return False
        folder = folder_of(task.out, step.phase)
        if finished(folder, task.shard, key, base=base_of(task.out, step.phase)) is None:
            return False
    return True
