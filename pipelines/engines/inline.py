"""This machine, no framework: one process, or a pool of them."""

import multiprocessing
from concurrent.futures import ProcessPoolExecutor, as_completed

from pipelines.engines.worker import prepare_worker, quiet_readers
from pipelines.run_task import run_task
from pipelines.task import Task


class InlineEngine:
    """workers = 1 runs in this process; more run in a pool of processes that starts once."""

    name = "inline"

    def __init__(self, workers: int) -> None:
        self._workers = workers
        self._pool: ProcessPoolExecutor | None = None

    def run(self, tasks: list[Task]) -> None:
        if self._workers == 1 or len(tasks) < 2:
            quiet_readers()
            for task in tasks:
                run_task(task)
            return
        futures = [self._started().submit(run_task, task) for task in tasks]
        try:
            for future in as_completed(futures):
                future.result()
        finally:
            for future in futures:
                future.cancel()

    def _started(self) -> ProcessPoolExecutor:
        if self._pool is None:
            context = multiprocessing.get_context("forkserver")
            context.set_forkserver_preload(["pipelines.engines.warm"])
            self._pool = ProcessPoolExecutor(self._workers, context, initializer=prepare_worker)
        return self._pool

    def close(self) -> None:
        if self._pool is not None:
            self._pool.shutdown(cancel_futures=True)
