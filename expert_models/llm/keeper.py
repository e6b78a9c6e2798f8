"""Keeping answers without holding up the calls.

A write to a local disk takes less time (0.1 ms) than handing it to a thread, which has to win the
interpreter's lock back at each step; so it is done at once. Where writes are slow, as on a network file
system, they go to threads, and every so often one shows whether they still are.
"""

import asyncio
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from expert_models.llm.store import AnswerStore
from schemas.exchange import Answer

QUICK_S = 0.001  # mean time of a write that the event loop can bear
MEMORY = 64  # writes over which the mean is taken
TRIED = 32  # of so many slow writes one is timed again
THREADS = 8  # slow writes at one time


class Keeper:
    """Puts answers into a store from one event loop."""

    def __init__(
        self, store: AnswerStore, *, clock: Callable[[], float] = time.perf_counter
    ) -> None:
        self._store = store
        self._clock = clock
        self._mean_s = 0.0
        self._kept = 0
        self._threads = ThreadPoolExecutor(THREADS, thread_name_prefix="answers")

    async def keep(self, answer: Answer) -> Answer:
        """The answer that the store keeps, once it is there. Raises OSError of the file system."""
        self._kept += 1
        if self._mean_s < QUICK_S or self._kept % TRIED == 0:
            return self._timed(answer)
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._threads, self._store.put, answer)

    def close(self) -> None:
        """Wait until all is written."""
        self._threads.shutdown()

    def _timed(self, answer: Answer) -> Answer:
        started = self._clock()
        kept = self._store.put(answer)
        self._mean_s += (self._clock() - started - self._mean_s) / MEMORY
        return kept
