"""What the fault tests share: a question, the choice of a model at a fake server, and a clock that costs no time."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

from expert_models.llm.choice import ModelChoice
from expert_models.llm.client import EndpointClient
from schemas.exchange import Answer, Message, Request
from tests.fakes.script import Fault, Rule, Script

T = TypeVar("T")

CODE = "0a1b2c3d"
SCHEMA = {
    "type": "object",
    "title": "echo",
    "properties": {"code": {"type": "string"}, "answer": {"type": "string"}},
    "required": ["code", "answer"],
    "additionalProperties": False,
}
TOO_LONG_S = 10.0  # wall time that shows that a bound of about a second was not kept


def question(number: int = 0) -> Request:
    """Question `number`; all differ in their text, so in their keys."""
    text = f"Question {number}: is there a lesion? Repeat the code {CODE}."
    return Request("test", f"item {number}", (Message("user", text),), schema=SCHEMA)


def chosen(url: str, *, revision: str = "", **limits: Any) -> ModelChoice:
    """A model at `url`; bounds are short, since every test needs an end."""
    short = {"deadline_s": 5, "concurrency": 8, "attempts": 5, "breaker_pause_s": 0.2}
    return ModelChoice(
        backend="endpoint", model="fake-model", revision=revision, family="fake", url=url,
        reach="local", limits={**short, **limits},
    )  # fmt: skip


def script(fault: Fault | None = None, **conditions: Any) -> Script:
    """The echo model, with one fault under these conditions of a Rule."""
    return Script(model="echo", rules=() if fault is None else (Rule(fault, **conditions),))


def status(code: int, **headers: str) -> Fault:
    """A plain HTTP status; header names are written with _ for -."""
    return Fault(
        "status", status=code, headers={k.replace("_", "-"): v for k, v in headers.items()}
    )


class Clock:
    """Time that passes by sleeping only. `waits` keeps every sleep, seconds."""

    def __init__(self) -> None:
        self.now = 0.0
        self.waits: list[float] = []

    def __call__(self) -> float:
        return self.now

    async def sleep(self, seconds: float) -> None:
        self.waits.append(seconds)
        until = self.now + seconds
        await asyncio.sleep(0)
        self.now = max(self.now, until)


def calling(
    choice: ModelChoice, work: Callable[[EndpointClient], Awaitable[T]], clock: Clock | None = None
) -> T:
    """Run `work` on an open client; a test that hangs fails after a minute instead."""

    async def run() -> T:
        timed = {} if clock is None else {"sleep": clock.sleep, "clock": clock}
        async with asyncio.timeout(60), EndpointClient(choice, **timed) as client:
            return await work(client)

    return asyncio.run(run())


def asked(choice: ModelChoice, count: int = 1, clock: Clock | None = None) -> list[Any]:
    """What came of asking the first `count` questions at once: answers, failures, or exceptions."""

    async def work(client: EndpointClient) -> list[Any]:
        calls = (client.call(question(n)) for n in range(count))
        return list(await asyncio.gather(*calls, return_exceptions=True))

    return calling(choice, work, clock)


def is_whole(answer: object) -> bool:
    """An answer to its own question, with nothing cut off."""
    if not isinstance(answer, Answer):
        return False
    value = json.loads(answer.text)
    return value["code"] == CODE and len(value["answer"]) == 16
