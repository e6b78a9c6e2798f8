"""Images of one shard as experts see them: read in ingest's order, decoded ahead, a bounded number at a time."""

from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
import pyarrow.parquet as pq

from expert_models.experts.base import Scan
from pipelines.grounding.due import Case
from pipelines.phases.views import Pixels
from pipelines.task import Need, Task, folder_of, upstream
from schemas.image import Image

WINDOW_BYTES = (
    96 * 2**20
)  # decoded pixels and stored values of one window; two windows are in memory
NATIVE_ROWS = 4  # of stored values read at once: a slice is a megabyte


@dataclass(frozen=True)
class Shown:
    """An image and what experts see of it."""

    case: Case
    scan: Scan


def shown(task: Task, cases: Iterable[Case]) -> Iterator[Shown]:
    """The scans of images that are meant for any route, in ingest's order. One is decoded at a time."""
    pixels, natives = Pixels(task), Natives(task)
    for case in cases:
        needed = any(c.card.needs_native for due in case.due for c in due.route.chosen)
        native = natives.of(case.image.id) if needed else None
        yield Shown(case, scan_of(case.image, decoded(pixels.png(case.image.id)), native))


def scan_of(image: Image, display: np.ndarray, native: np.ndarray | None) -> Scan:
    """What an expert sees of an image: its pixels and how they were taken, never what is annotated."""
    spacing = image.spacing_mm
    return Scan(
        id=image.id,
        display=display,
        modality=image.modality,
        anatomy=image.anatomy,
        native=native,
        unit=None if native is None else "HU",
        spacing_mm=None if spacing is None else (spacing[0], spacing[1]),
        plane=image.plane,
        view=image.view,
        orientation=image.orientation,
    )


def decoded(png: bytes) -> np.ndarray:
    """[H, W] or [H, W, 3] RGB uint8."""
    pixels = cv2.imdecode(np.frombuffer(png, np.uint8), cv2.IMREAD_UNCHANGED)
    if pixels is None:
        raise ValueError("a committed PNG cannot be decoded; run the build again")
    return pixels if pixels.ndim == 2 else cv2.cvtColor(pixels, cv2.COLOR_BGR2RGB)


class Natives:
    """Stored values of the images of one shard, asked for in ingest's order; read a few rows at a time."""

    def __init__(self, task: Task) -> None:
        done = upstream(task, Need("ingest", task.shard))
        self._rows: Iterator[dict[str, Any]] = iter(())
        try:
            path = folder_of(task.out, "ingest") / done.file("native")
        except KeyError:  # none were kept
            self._ids: set[str] = set()
            return
        self._ids = set(pq.read_table(path, columns=["id"])["id"].to_pylist())
        file = pq.ParquetFile(path, memory_map=True)
        batches = file.iter_batches(batch_size=NATIVE_ROWS)
        self._rows = (row for batch in batches for row in batch.to_pylist())

    def of(self, id: str) -> np.ndarray | None:
        """[H, W] float32 HU; None where the image has none. Raises LookupError out of order."""
        if id not in self._ids:
            return None
        for row in self._rows:
            if row["id"] == id:
                return np.frombuffer(row["values"], "<f4").reshape(row["height"], row["width"])
        raise LookupError(f"stored values of {id} stand in another order than its shard's images")


def windows(scans: Iterator[Shown], most: int) -> Iterator[list[Shown]]:
    """Runs of at most `most` scans and WINDOW_BYTES. The next one is read and decoded by a thread while
    the caller works on this one."""

    def gather() -> list[Shown]:
        window: list[Shown] = []
        size = 0
        while len(window) < most and size < WINDOW_BYTES:
            one = next(scans, None)
            if one is None:
                break
            window.append(one)
            size += one.scan.display.nbytes
            size += 0 if one.scan.native is None else one.scan.native.nbytes
        return window

    with ThreadPoolExecutor(1, thread_name_prefix="decode") as pool:
        ahead = pool.submit(gather)
        while window := ahead.result():
            ahead = pool.submit(gather)
            yield window
