"""What every worker process does once, whichever engine started it."""

import os

import cv2

import pipelines.run_task  # noqa: F401  (imports all phases, so that a forked worker has them)


def prepare_worker() -> None:
    """One thread a worker: workers are the parallelism, and threads of libraries only fight them."""
    cv2.setNumThreads(1)
    for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
        os.environ.setdefault(name, "1")
