"""What every worker process does once, whichever engine started it."""

import logging
import os
import warnings


def prepare_worker() -> None:
    """One thread a worker: workers are the parallelism, and threads of libraries only fight them."""
    import cv2

    cv2.setNumThreads(1)
    for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
        os.environ.setdefault(name, "1")
    quiet_readers()


def quiet_readers() -> None:
    """Header oddities end as flags and rejects; the readers' own warnings would only repeat them."""
    warnings.filterwarnings("ignore", module=r"(pydicom|nibabel|highdicom|openjpeg|libjpeg)\b")
    logging.getLogger("pydicom").setLevel(logging.ERROR)
    logging.getLogger("nibabel").setLevel(logging.CRITICAL)
