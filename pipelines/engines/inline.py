"""This machine, no framework: one process, or a pool of them."""

import multiprocessing
import threading
from concurrent.futures import ProcessPoolExecutor, as_completed
from importlib import import_module

from pipelines.engines.worker import prepare_worker, quiet_readers
from pipelines.task import Task

WARM = "pipelines.engines.warm"


class InlineEngine:
    """workers = 1 runs in this process; more run in a pool of processes that starts once."""

    name = "inline"

    def __init__(self, workers: int) -> None:
        self.workers = workers
        self._pool = _started(workers) if workers > 1 else None

    def run(self, tasks: list[Task]) -> None:
        from pipelines.run_task import run_task  # late: the pool starts before this process imports

        if self._pool is None or len(tasks) < 2:
            quiet_readers()
            for task in tasks:
                run_task(task)
            return
        futures = [self._pool.submit(run_task, task) for task in tasks]
        try:
            for future in as_completed(futures):
                future.result()
        finally:
            for future in futures:
                future.cancel()

    def close(self) -> None:
        if self._pool is not None:
            self._pool.shutdown(cancel_futures=True)


def _started(workers: int) -> ProcessPoolExecutor:
    """A pool whose processes import what they need while the driver is still planning.

    They are forked from a server that holds no threads, so forking is safe; a script that uses this
    engine needs the usual `if __name__ == "__main__"`.
    """
    threading.Thread(target=import_module, args=(WARM,), daemon=True).start()  # this process, too
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload([WARM])
    pool = ProcessPoolExecutor(workers, context, initializer=prepare_worker)
    for _ in range(workers):
        pool.submit(int)
    return pool
