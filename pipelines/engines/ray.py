"""Ray Data: on this machine, or on the cluster that RAY_ADDRESS names."""

import logging
import os
from typing import Any

from pipelines.engines.worker import prepare_worker
from pipelines.run_task import run_task
from pipelines.task import Task

OBJECT_STORE_BYTES = 300 * 1024**2  # only tasks and shard names travel; image bytes never do


class RayEngine:
    """Each task is one row of a Ray Dataset and one call of `map`; a worker commits its own shards.

    Image bytes stay in shards on storage and never enter the object store (decision 0002).
    """

    name = "ray"

    def __init__(self, workers: int) -> None:
        self.workers = workers
        self._started_here = False

    def run(self, tasks: list[Task]) -> None:
        if not tasks:
            return
        self._connect()
        import ray.data

        # Tasks go as Python objects in the call, not as rows: Arrow would widen their JSON options.
        handle = ray.put(tasks)
        places = ray.data.range(len(tasks), override_num_blocks=len(tasks))
        done = places.map(_run_one, fn_kwargs={"tasks": handle}, num_cpus=1)
        for _ in done.iter_rows():
            pass  # iterating is what drives the pipeline; the commits are the result

    def _connect(self) -> None:
        os.environ.setdefault(
            "RAY_DATA_USE_DATASOURCE_V2", "0"
        )  # its reader waits seconds a pipeline
        os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")
        import ray

        if ray.is_initialized():
            return
        if os.environ.get("RAY_ADDRESS"):
            ray.init(log_to_driver=False)
        else:
            ray.init(
                num_cpus=self.workers,
                object_store_memory=OBJECT_STORE_BYTES,
                include_dashboard=False,
                log_to_driver=False,
                logging_level=logging.ERROR,
            )
            self._started_here = True
        logging.getLogger("ray.data").setLevel(logging.WARNING)
        context = ray.data.DataContext.get_current()
        context.enable_progress_bars = False
        context.execution_options.verbose_progress = False

    def close(self) -> None:
        if self._started_here:
            import ray

            ray.shutdown()


def _run_one(row: dict[str, Any], tasks: Any = None) -> dict[str, Any]:
    import ray

    prepare_worker()
    known: list[Task] = ray.get(tasks)
    return {"shard": run_task(known[row["id"]])}
