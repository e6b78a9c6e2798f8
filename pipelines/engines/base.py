"""The promise of an engine: run every task once, somewhere, on `workers` workers."""

from typing import Protocol

from pipelines.task import Task


class Engine(Protocol):
    """Maps `run_task` over tasks. Order does not matter; results are the commits on storage.

    `run` returns when all tasks are done and raises when one failed. Engines hold no other
    knowledge: a task does not know where it runs.
    """

    name: str
    workers: int

    def run(self, tasks: list[Task]) -> None: ...

    def close(self) -> None: ...
