"""A loop of its own for talking to models, in a thread beside the one that works on words.

Reading a text through twenty gates keeps an event loop busy for milliseconds at a time. On a loop of
their own, answers are received and stored meanwhile: the servers' slots are filled again at once, and a
killed build has lost nothing but calls that were truly in flight.
"""

import asyncio
import threading
from collections.abc import Coroutine
from contextlib import AsyncExitStack
from types import TracebackType
from typing import Any, Self, TypeVar

from expert_models.llm.asker import Asker, CollectingAsker
from schemas.exchange import Answer, Failure, Request

Made = TypeVar("Made")


class Line:
    """The thread, its loop, and what was opened on it; use it as an async context manager."""

    def __init__(self) -> None:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="models", daemon=True)
        self._opened = AsyncExitStack()

    async def __aenter__(self) -> Self:
        self._thread.start()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        try:
            await self._there(self._opened.aclose())
        finally:
            self._loop.call_soon_threadsafe(self._loop.stop)
            await asyncio.to_thread(self._thread.join)
            self._loop.close()

    async def open(self, asker: Any) -> Asker | CollectingAsker:
        """Enter an async context manager on the line's loop; it is left when the line ends."""
        opened: Asker | CollectingAsker = await self._there(self._opened.enter_async_context(asker))
        return opened

    async def ask(self, asker: Asker | CollectingAsker, request: Request) -> Answer | Failure:
        """Put one request on the line and wait for what comes of it, exceptions included."""
        return await self._there(asker.ask(request))

    def _there(self, work: Coroutine[Any, Any, Made]) -> asyncio.Future[Made]:
        return asyncio.wrap_future(asyncio.run_coroutine_threadsafe(work, self._loop))
