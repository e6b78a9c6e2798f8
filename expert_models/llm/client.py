"""The client of an OpenAI-compatible server: one request in, an answer or a failure out.

It decides nothing about words. Failures of a row are returned; what no further call can mend is raised
as EndpointStopped, once for all calls.
"""

import asyncio
import time
from collections.abc import Callable
from dataclasses import replace
from types import TracebackType
from typing import TYPE_CHECKING, Self

from expert_models.llm.breaker import Breaker, Sleep
from expert_models.llm.choice import ModelChoice
from expert_models.llm.completion import Completion
from expert_models.llm.credentials import Address, address_of
from expert_models.llm.errors import EndpointStopped
from expert_models.llm.identity import Identity
from expert_models.llm.limiter import Limiter
from expert_models.llm.outcome import Miss, Stopping, missed, outcome_of
from expert_models.llm.payload import chat_body
from expert_models.llm.reach import check_reach
from expert_models.llm.retry import wait_s
from expert_models.llm.session import open_session
from expert_models.llm.wire import LineFault, post
from schemas.exchange import Answer, Failure, Request, request_key

if TYPE_CHECKING:
    import aiohttp


class EndpointClient:
    """Calls one model of the recipe. Use it as an async context manager, in one event loop.

    identity: what earlier answers said of the model; by default this client's own answers alone.
    sleep, clock: for tests. Raises ValueError on a choice without a url, EndpointStopped where the
    variable of the API key is not set and, on entering, where the url belies `reach`.
    """

    def __init__(
        self,
        choice: ModelChoice,
        *,
        identity: Identity | None = None,
        sleep: Sleep = asyncio.sleep,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._choice = choice
        self._address: Address = address_of(choice)
        self._identity = identity or Identity(choice)
        self._sleep, self._clock = sleep, clock
        self._limiter = Limiter(choice.limits.concurrency)
        self._breaker = Breaker(choice.limits, self._address.shown, sleep=sleep, clock=clock)
        self._session: aiohttp.ClientSession | None = None

    async def __aenter__(self) -> Self:
        await asyncio.to_thread(check_reach, self._choice)
        self._session = open_session(self._choice, self._address)
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._session is not None:
            await self._session.close()
            self._session = None

    async def call(self, request: Request) -> Answer | Failure:
        """Ask until there is an answer, a refusal, or `limits.attempts` tries are used up.

        A try that fails while the breaker is open does not count, so an outage costs no rows; there
        are never more than `attempts` + `breaker_pauses` tries.
        """
        limits = self._choice.limits
        most = limits.attempts + limits.breaker_pauses
        key = request_key(self._choice.model, self._choice.revision, request)
        tries, counted, seconds = 0, 0, 0.0
        while True:
            outcome, took_s = await self._attempt(request)
            tries, seconds = tries + 1, seconds + took_s
            if isinstance(outcome, Completion):
                return self._answer(key, outcome, tries, seconds)
            counted += self._breaker.closed
            if not outcome.again or counted >= limits.attempts or tries >= most:
                return self._failure(key, outcome, tries, seconds)
            wait = wait_s(key, max(1, counted), outcome.asked_s, limits.retry_after_cap_s)
            await self._sleep(wait)

    async def _attempt(self, request: Request) -> tuple[Completion | Miss, float]:
        """One try, within the window and past the breaker; and the seconds it was in flight.

        The body is made for each try, so that calls which wait hold no encoded pictures.
        """
        await self._limiter.acquire()
        outcome: Completion | Miss | None = None
        probe, started = False, self._clock()
        try:
            probe = await self._breaker.enter()
            body = chat_body(self._choice, request)
            started = self._clock()
            outcome = await self._exchange(body)
            return outcome, self._clock() - started
        finally:
            self._breaker.note(_well(outcome), probe=probe, found=getattr(outcome, "detail", ""))
            self._limiter.release(
                request.purpose,
                self._clock() - started if isinstance(outcome, Completion) else None,
                overloaded=isinstance(outcome, Miss) and outcome.overloaded,
            )

    async def _exchange(self, body: bytes) -> Completion | Miss:
        """Raises EndpointStopped, and sees to it that every other call does."""
        if self._session is None:
            raise ValueError("the client is not open: use `async with`")
        limits = self._choice.limits
        try:
            reply = await post(
                self._session,
                self._address.url,
                body,
                deadline_s=limits.deadline_s,
                most_bytes=limits.answer_bytes,
            )
            outcome = outcome_of(reply)
            if isinstance(outcome, Miss):
                return self._without_key(outcome)
            self._identity.check(outcome.stated)
            return outcome
        except LineFault as fault:
            return missed(fault)
        except Stopping as no:
            stop = EndpointStopped(self._address.refusal(self._choice, no.status, no.found))
        except EndpointStopped as alarm:
            stop = alarm
        self._breaker.stop(str(stop))
        raise stop

    def _answer(self, key: str, said: Completion, tries: int, seconds: float) -> Answer:
        return Answer(
            key=key,
            text=said.text,
            model=said.stated.get("model", self._choice.model),
            finish_reason=said.finish_reason,
            prompt_tokens=said.prompt_tokens,
            completion_tokens=said.completion_tokens,
            seconds=seconds,
            attempts=tries,
        )

    def _failure(self, key: str, miss: Miss, tries: int, seconds: float) -> Failure:
        return Failure(key, miss.reason, miss.detail, attempts=tries, seconds=seconds, raw=miss.raw)

    def _without_key(self, miss: Miss) -> Miss:
        """Some servers repeat the key in their errors."""
        hidden = self._address.without_key
        return replace(miss, detail=hidden(miss.detail), raw=hidden(miss.raw))


def _well(outcome: Completion | Miss | None) -> bool | None:
    """What an outcome says of the server: None where the call was cut off from our side.

    A server that refuses a request (too long, malformed) is well.
    """
    if outcome is None:
        return None
    return isinstance(outcome, Completion) or outcome.reason in (
        "request_refused",
        "answer_too_large",
    )
