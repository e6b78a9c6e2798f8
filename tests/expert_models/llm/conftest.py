"""A server of thirty lines in the same event loop, and makers of choices, requests and answers."""

import json
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any

import pytest
from aiohttp import web

from expert_models.llm.choice import LimitChoice, ModelChoice
from schemas.exchange import Answer, Message, Request

Handler = Callable[[dict[str, Any], int], Awaitable[web.StreamResponse]]


def completion(text: str = "words", **fields: Any) -> web.Response:
    """A chat completion; `fields` replace those of the envelope."""
    choice = {"index": 0, "message": {"content": text}, "finish_reason": "stop"}
    usage = {"prompt_tokens": 7, "completion_tokens": 3}
    return web.json_response({"model": "alias", "choices": [choice], "usage": usage, **fields})


class Served:
    """Answers by `handler(body, number)`. bodies, headers, peers (address, port): of all requests."""

    def __init__(self, handler: Handler) -> None:
        self._handler = handler
        self.url = ""
        self.bodies: list[dict[str, Any]] = []
        self.headers: list[Any] = []
        self.peers: list[tuple[str, int]] = []

    async def answer(self, request: web.Request) -> web.StreamResponse:
        number = len(self.bodies)
        self.bodies.append(json.loads(await request.read()))
        self.headers.append(request.headers)
        assert request.transport is not None
        self.peers.append(request.transport.get_extra_info("peername"))
        return await self._handler(self.bodies[-1], number)


@asynccontextmanager
async def _serving(handler: Handler, tls: ssl.SSLContext | None = None) -> AsyncIterator[Served]:
    served = Served(handler)
    app = web.Application(client_max_size=64 * 1024**2)
    app.router.add_post("/v1/chat/completions", served.answer)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0, handler_cancellation=True)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0, ssl_context=tls).start()
    served.url = f"{'https' if tls else 'http'}://127.0.0.1:{runner.addresses[0][1]}/v1"
    try:
        yield served
    finally:
        await runner.cleanup()


@pytest.fixture
def serving() -> Callable[..., AbstractAsyncContextManager[Served]]:
    return _serving


@pytest.fixture
def said() -> Callable[..., web.Response]:
    return completion


@pytest.fixture
def choose() -> Callable[..., ModelChoice]:
    """A choice; a test names only the fields it is about. `limits` are fields of LimitChoice."""

    def make(url: str = "http://127.0.0.1:9/v1", **fields: Any) -> ModelChoice:
        limits = {
            "deadline_s": 5,
            "attempts": 3,
            "breaker_pause_s": 0.01,
            **fields.pop("limits", {}),
        }
        values = {"backend": "endpoint", "model": "m", "family": "f", "url": url, "reach": "local"}
        return ModelChoice(**{**values, "limits": LimitChoice(**limits), **fields})

    return make


@pytest.fixture
def question() -> Callable[..., Request]:
    def make(text: str = "What is shown?", **fields: Any) -> Request:
        values = {"purpose": "describe", "subject": "img-1", "messages": (Message("user", text),)}
        return Request(**{**values, **fields})

    return make


@pytest.fixture
def answer() -> Callable[..., Answer]:
    def make(key: str, text: str = "words", **fields: Any) -> Answer:
        values = {
            "finish_reason": "stop",
            "prompt_tokens": 7,
            "completion_tokens": 3,
            "seconds": 0.5,
        }
        return Answer(key=key, text=text, model="alias", **{**values, **fields})

    return make
