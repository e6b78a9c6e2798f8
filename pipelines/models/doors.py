"""The models of one step: each recipe name becomes an `Ask`, opened for a shard and closed after it."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any, TypeVar

from expert_models.llm.asker import open_asker
from expert_models.llm.choice import IN_PROCESS, ModelChoice
from expert_models.llm.errors import EndpointStopped, Unanswered
from pipelines.errors import StoppedError
from pipelines.models.failures import read_failures
from pipelines.models.line import Line
from pipelines.models.requests import write_waiting
from pipelines.task import Task, Waiting
from schemas.exchange import Answer, Ask, Failure, Request

Given = TypeVar("Given")
Made = TypeVar("Made")


class Doors:
    """Askers by the names of the recipe. `exchanges` is the book of all that was asked through them."""

    def __init__(self, line: Line, askers: dict[str, Any], choices: dict[str, ModelChoice]) -> None:
        self._line, self._askers, self._choices = line, askers, choices

    def ask(self, name: str) -> Ask:
        """The door of one model. Raises KeyError where the step was not given it."""
        asker = self._askers[name]

        async def ask(request: Request) -> Answer | Failure:
            return await self._line.ask(asker, request)

        return ask if self._choices[name].images else _without_images(ask)

    def exchanges(self) -> list[dict[str, Any]]:
        """Rows of schemas.exchange.EXCHANGE, in an order that no clock decides."""
        rows = [row for name in sorted(self._askers) for row in self._askers[name].exchanges]
        return sorted(rows, key=lambda row: (row["subject"], row["purpose"], row["key"]))

    def waiting(self) -> list[tuple[str, str, Any]]:
        """(model name, key, request) of all that in-process models still have to answer."""
        return [
            (name, key, request)
            for name, asker in sorted(self._askers.items())
            for key, request in sorted(getattr(asker, "missing", {}).items())
        ]


@asynccontextmanager
async def open_doors(where: dict[str, Any], out: str | Path) -> AsyncIterator[Doors]:
    """Open every model of `where` (pipelines.models.options.Where.of); none where it is {}."""
    async with Line() as line:
        askers, choices = {}, {}
        for name, values in sorted(where.get("models", {}).items()):
            choice = _share(ModelChoice.model_validate(values), where["workers"])
            opened = open_asker(
                choice,
                Path(where["answers"]),
                collecting=choice.backend in IN_PROCESS,
                failures=read_failures(out, name) if choice.backend in IN_PROCESS else {},
            )
            askers[name] = await line.open(opened)
            choices[name] = choice
        yield Doors(line, askers, choices)


def _without_images(ask: Ask) -> Ask:
    """For a text model: the same words, and no pixels leave."""

    async def ask_in_words(request: Request) -> Answer | Failure:
        messages = tuple(replace(message, images=()) for message in request.messages)
        return await ask(replace(request, messages=messages))

    return ask_in_words


def _share(choice: ModelChoice, workers: int) -> ModelChoice:
    """A worker's part of the calls in flight, rounded up, so that all workers together fill the limit."""
    limits = choice.limits
    part = limits.model_copy(update={"concurrency": -(-limits.concurrency // workers)})
    return choice.model_copy(update={"limits": part})


def run_asking(
    task: Task,
    where: dict[str, Any],
    given: Iterable[Given],
    work: Callable[[Doors, Given], Awaitable[Made]],
) -> tuple[list[Made], list[dict[str, Any]]]:
    """Do `work` on everything given, many at a time; results in the order given, and the exchanges.

    Raises Waiting where an in-process model has yet to answer, StoppedError where a server says that
    no call can succeed.
    """

    async def main() -> tuple[list[Made], list[dict[str, Any]]]:
        async with open_doors(where, task.out) as doors:
            made = await _all(given, lambda each: work(doors, each), _width(where))
            if waiting := doors.waiting():
                raise Waiting(str(write_waiting(task.out, task.shard, waiting)))
            return [each for each in made if each is not None], doors.exchanges()

    try:
        return asyncio.run(main())
    except EndpointStopped as stop:
        raise StoppedError(str(stop)) from None


def _width(where: dict[str, Any]) -> int:
    """How many images are worked on at once: enough to fill the calls in flight of every model."""
    if not where:
        return 1
    limits = [m["limits"]["concurrency"] for m in where["models"].values()]
    return max(8, -(-max(limits, default=8) // where["workers"]))


async def _all(
    given: Iterable[Given], work: Callable[[Given], Awaitable[Made]], width: int
) -> list[Made | None]:
    """`work` on each, at most `width` at once, taking the next only when there is room for it.

    None stands where a model has yet to answer. Any other exception ends all of it.
    """
    made: dict[int, Made | None] = {}
    numbered = enumerate(given)

    async def consume() -> None:
        for number, each in numbered:
            try:
                made[number] = await work(each)
            except Unanswered:
                made[number] = None

    consumers = [asyncio.create_task(consume()) for _ in range(width)]
    try:
        await asyncio.gather(*consumers)
    finally:
        for consumer in consumers:
            consumer.cancel()
        await asyncio.gather(*consumers, return_exceptions=True)
    return [made[number] for number in sorted(made)]
