"""Ray Data: on this machine, or on the cluster that RAY_ADDRESS names."""

import logging
import os
from typing import Any

from pipelines.engines.worker import prepare_worker
from pipelines.grounding.asking import through
from pipelines.run_task import run_task
from pipelines.task import Task

OBJECT_STORE_BYTES = 300 * 1024**2  # only tasks and shard names travel; image bytes never do


class RayEngine:
    """Each task is one row of a Ray Dataset and one call of `map`; a worker commits its own shards.

    Image bytes stay in shards on storage and never enter the object store (decision 0002).
    """

    name = "ray"

    def __init__(self, workers: int, expert_hosts: int | None = None) -> None:
        """expert_hosts: so many actors without a GPU for every expert (for tests of that road); default: model
        experts on cuda in one actor a GPU, all others in the workers."""
        self.workers = workers
        self._expert_hosts = expert_hosts
        self._started_here = False

    def run(self, tasks: list[Task]) -> None:
        if not tasks:
            return
        self._connect()
        import ray.data

        from pipelines.engines.experts_ray import end_hosts, start_hosts

        hosts = start_hosts(tasks, self._expert_hosts)
        # Tasks go as Python objects in the call, not as rows: Arrow would widen their JSON options.
        handed = {
            "tasks": ray.put(tasks),
            "hosts": hosts,
            "all_there": self._expert_hosts is not None,
        }
        places = ray.data.range(len(tasks), override_num_blocks=len(tasks))
        try:
            for _ in places.map(_run_one, fn_kwargs=handed, num_cpus=1).iter_rows():
                pass  # iterating is what drives the pipeline; the commits are the result
        finally:
            end_hosts(hosts)

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


def _run_one(
    row: dict[str, Any], tasks: Any = None, hosts: Any = (), all_there: bool = False
) -> dict[str, Any]:
    import ray

    prepare_worker()
    known: list[Task] = ray.get(tasks)
    task = known[row["id"]]
    if not hosts:
        return {"shard": run_task(task)}
    from pipelines.engines.experts_ray import door_to

    with through(door_to(hosts, all_there)):
        return {"shard": run_task(task)}
