"""The door to one model: the store first, then the model, and a book of both.

`Asker` asks an endpoint at once. `CollectingAsker` is for models that answer in bulk: it gathers what
the store does not hold, and the coroutine that asked is run again when the answer is there.
"""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Protocol

from expert_models.llm.choice import ModelChoice
from expert_models.llm.client import EndpointClient
from expert_models.llm.errors import EndpointStopped, Unanswered
from expert_models.llm.exchanges import Exchanges, as_cached
from expert_models.llm.identity import Identity
from expert_models.llm.keeper import Keeper
from expert_models.llm.store import AnswerStore
from schemas.exchange import Answer, Failure, Request, request_key


class Backend(Protocol):
    """Fetches one answer, with its own retries and limits."""

    async def call(self, request: Request) -> Answer | Failure:
        """Raises EndpointStopped where no call can succeed."""
        ...


class Asker:
    """Answers from the store, else from the backend; equal questions at one time are one call."""

    def __init__(self, choice: ModelChoice, store: AnswerStore, backend: Backend) -> None:
        self._choice = choice
        self._store = store
        self._backend = backend
        self._keeper = Keeper(store)
        self._book = Exchanges(choice.model)
        self._calls: dict[str, asyncio.Task[Answer | Failure]] = {}

    @property
    def exchanges(self) -> list[dict[str, Any]]:
        """Rows of schemas.exchange.EXCHANGE, sorted."""
        return self._book.rows()

    async def ask(self, request: Request) -> Answer | Failure:
        """The `Ask` of schemas.exchange. Raises EndpointStopped, also where no answer can be kept."""
        key = request_key(self._choice.model, self._choice.revision, request)
        said: Answer | Failure | None
        call = self._calls.get(key)
        mine = call is None
        if call is None:
            said = self._store.get(key)
            if said is not None:
                self._book.add(request, said, cached=True)
                return said
            call = self._calls[key] = asyncio.create_task(self._fetch(key, request))
        said = await asyncio.shield(
            call
        )  # one asker that is cancelled leaves the others their answer
        if not mine and isinstance(said, Answer):
            said = as_cached(said)
        self._book.add(request, said, cached=isinstance(said, Answer) and said.cached)
        return said

    async def aclose(self) -> None:
        """End calls that nobody waits for, and wait until all answers are written."""
        calls = list(self._calls.values())
        for call in calls:
            call.cancel()
        await asyncio.gather(*calls, return_exceptions=True)
        await asyncio.to_thread(self._keeper.close)

    async def _fetch(self, key: str, request: Request) -> Answer | Failure:
        try:
            said = await self._backend.call(request)
            return await self._kept(said) if isinstance(said, Answer) else said
        finally:
            del self._calls[key]

    async def _kept(self, answer: Answer) -> Answer:
        try:
            return await self._keeper.keep(answer)
        except OSError as error:
            raise EndpointStopped(
                f"{self._store.folder}: an answer could not be kept ({error.strerror}). Expected a folder "
                f"with room to write in: without it every answer would be paid for twice. Make room, "
                f"then run the same command again to resume."
            ) from error


class CollectingAsker:
    """Answers from the store; what is not there is gathered in `missing`, by key.

    failures: what an earlier round of bulk answers failed at, by key; they are not asked again.
    """

    def __init__(
        self, choice: ModelChoice, store: AnswerStore, failures: Mapping[str, Failure] | None = None
    ) -> None:
        self._choice = choice
        self._store = store
        self._failures = failures or {}
        self._book = Exchanges(choice.model)
        self.missing: dict[str, Request] = {}

    @property
    def exchanges(self) -> list[dict[str, Any]]:
        """Rows of schemas.exchange.EXCHANGE, sorted. The answers were fetched in bulk: all are cached."""
        return self._book.rows()

    async def ask(self, request: Request) -> Answer | Failure:
        """The `Ask` of schemas.exchange. Raises Unanswered where the model has yet to answer."""
        key = request_key(self._choice.model, self._choice.revision, request)
        said = self._store.get(key) or self._failures.get(key)
        if said is None:
            self.missing[key] = request
            raise Unanswered(key)
        self._book.add(request, said, cached=True)
        return said


@asynccontextmanager
async def open_asker(
    choice: ModelChoice,
    folder: Path,
    *,
    collecting: bool = False,
    failures: Mapping[str, Failure] | None = None,
) -> AsyncIterator[Asker | CollectingAsker]:
    """The door to one model, with its store of answers in `folder`, open until the block ends.

    collecting: gather what is missing instead of asking, as in-process models need. Raises
    EndpointStopped, before anything is sent, on a missing API key or a url that belies `reach`.
    """
    store = AnswerStore(Path(folder))
    if collecting:
        yield CollectingAsker(choice, store, failures)
        return
    identity = Identity(choice, Path(folder) / "identity")
    async with EndpointClient(choice, identity=identity) as client:
        asker = Asker(choice, store, client)
        try:
            yield asker
        finally:
            await asker.aclose()
