"""Several coroutines at once, where one that must wait for an answer does not keep the others from asking."""

import asyncio
from collections.abc import Awaitable, Iterable
from typing import TypeVar

Made = TypeVar("Made")


async def together(work: Iterable[Awaitable[Made]]) -> list[Made]:
    """Results in the order given. All run to their end; then the first exception is raised, if any.

    With an in-process model each raises `Unanswered`; letting all of them ask first means one round of
    bulk answers instead of one a coroutine.
    """
    done = await asyncio.gather(*work, return_exceptions=True)
    for outcome in done:
        if isinstance(outcome, BaseException):
            raise outcome
    return [outcome for outcome in done if not isinstance(outcome, BaseException)]
