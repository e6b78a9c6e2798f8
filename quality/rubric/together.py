"""Several questions to a model at once."""

import asyncio
from collections.abc import Awaitable, Iterable
from typing import TypeVar

Made = TypeVar("Made")


async def together(work: Iterable[Awaitable[Made]]) -> list[Made]:
    """Results in the order given. All run to their end; then the first exception is raised, if any.

    With a model that answers in bulk, each that has no answer yet raises. Letting the others ask first
    means one round of answers instead of one round each.
    """
    done = await asyncio.gather(*work, return_exceptions=True)
    for outcome in done:
        if isinstance(outcome, BaseException):
            raise outcome
    return [outcome for outcome in done if not isinstance(outcome, BaseException)]
