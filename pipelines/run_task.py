"""Run one task in this process. Engines map `run_task` over tasks and know nothing else.

A step whose commit already stands under the right key is skipped, wherever that is found out, so a
task may be given to two workers without harm.
"""

import time
import traceback

from pipelines.commit import finished
from pipelines.errors import StoppedError
from pipelines.phases.registry import PHASES
from pipelines.runlog import log
from pipelines.task import Task, Waiting, base_of, folder_of, key_of


def run_task(task: Task) -> str:
    """Run and commit the unfinished steps of a task; returns the shard's name.

    A step that waits for a model's answers ends the task early and without a commit; the driver has
    them answered and gives the task out again.

    A failure is written to the run log with its traceback and raised: what a *row* can do wrong
    has become a reject before it gets here.
    """
    for step in task.steps:
        key = key_of(task, step)
        base = base_of(task.out, step.phase)
        if finished(folder_of(task.out, step.phase), task.shard, key, base=base) is not None:
            continue
        started = time.monotonic()
        place = {"phase": step.phase, "shard": task.shard}
        try:
            counts = PHASES[step.phase](task, step, key)
        except Waiting as waiting:
            log(task.out, "waiting", **place, requests=str(waiting))
            return task.shard
        except StoppedError as stop:
            log(task.out, "stopped", **place, message=str(stop))
            raise
        except Exception:
            log(task.out, "failed", **place, traceback=traceback.format_exc())
            raise
        seconds = round(time.monotonic() - started, 3)
        log(task.out, "committed", **place, seconds=seconds, counts=counts)
    return task.shard
