"""Keeping answers without holding up the calls: files are written in one thread, all that wait at once."""

import asyncio
from concurrent.futures import ThreadPoolExecutor
from functools import partial

from expert_models.llm.store import AnswerStore
from schemas.exchange import Answer

_Waiting = list[tuple[Answer, asyncio.Future[Answer]]]


class Keeper:
    """Puts answers into a store from one event loop."""

    def __init__(self, store: AnswerStore) -> None:
        self._store = store
        self._pool = ThreadPoolExecutor(1, thread_name_prefix="answers")
        self._waiting: _Waiting = []
        self._busy = False

    async def keep(self, answer: Answer) -> Answer:
        """The answer that the store keeps, once it is there. Raises OSError of the file system."""
        kept: asyncio.Future[Answer] = asyncio.get_running_loop().create_future()
        self._waiting.append((answer, kept))
        if not self._busy:
            self._start()
        return await kept

    def close(self) -> None:
        """Wait until all is written."""
        self._pool.shutdown()

    def _start(self) -> None:
        self._busy = True
        batch, self._waiting = self._waiting, []
        work = asyncio.get_running_loop().run_in_executor(
            self._pool, self._put_all, [answer for answer, _ in batch]
        )
        work.add_done_callback(partial(self._hand_out, batch))

    def _put_all(self, answers: list[Answer]) -> list[Answer | OSError]:
        return [self._put(answer) for answer in answers]

    def _put(self, answer: Answer) -> Answer | OSError:
        try:
            return self._store.put(answer)
        except OSError as error:
            return error

    def _hand_out(self, batch: _Waiting, work: "asyncio.Future[list[Answer | OSError]]") -> None:
        self._busy = False
        for (_, kept), outcome in zip(batch, work.result(), strict=True):
            if kept.done():  # cancelled meanwhile
                continue
            if isinstance(outcome, OSError):
                kept.set_exception(outcome)
            else:
                kept.set_result(outcome)
        if self._waiting:
            self._start()
