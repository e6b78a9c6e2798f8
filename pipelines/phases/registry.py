"""The phases by name, each as `(task, step, key) -> counts` that leaves a commit behind."""

from collections.abc import Callable
from typing import Any

from pipelines.commit import commit
from pipelines.phases import balance, curate, describe, ground, ingest, release, verify
from pipelines.task import Outcome, Step, Task, folder_of
from schemas.conform import to_table
from schemas.reject import REJECT

Committing = Callable[[Task, Step, str], dict[str, Any]]


def _committed(run: Callable[[Task, Step], Outcome]) -> Committing:
    def run_and_commit(task: Task, step: Step, key: str) -> dict[str, Any]:
        outcome = run(task, step)
        tables = {**outcome.tables, "rejects": to_table(outcome.rejects, REJECT)}
        counts = outcome.counts | {"rejects": len(outcome.rejects)}
        commit(folder_of(task.out, step.phase), task.shard, key, tables, counts)
        return counts

    return run_and_commit


PHASES: dict[str, Committing] = {
    "ingest": _committed(ingest.run),
    "curate": _committed(curate.run),
    "ground": _committed(ground.run),
    "describe": _committed(describe.run),
    "verify": _committed(verify.run),
    "balance": _committed(balance.run),
    "release": release.run_and_commit,
}
"""In the order of the data flow; `release` writes into the corpus folder and commits for itself."""
