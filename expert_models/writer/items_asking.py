"""Ask for one item: what a program finds wrong with it is named and asked for again, within the repairs."""

import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, Generic, TypeVar

from expert_models.writer.item_rows.faults import Found, joined_fault
from expert_models.writer.items_request import ItemRequest
from schemas.exchange import Ask, Message, Request
from transforms.prompting.asking import Reply, ask_json
from transforms.prompting.fault import Fault

Rows = TypeVar("Rows")
TEXT = 2000  # characters of a faulty item that the model, or a fault, shows again


@dataclass(frozen=True)
class Asked(Generic[Rows]):
    """Rows, or the fault that is left. text: the last item as the model wrote it, "" where none came."""

    rows: Rows | None
    fault: Fault | None
    tries: int
    wrapped: int
    text: str = ""


async def ask_item(
    ask: Ask,
    made: ItemRequest,
    read: Callable[[dict[str, Any]], tuple[Rows, Found]],
    *,
    repairs: int,
) -> Asked[Rows]:
    """The rows that `read` makes of the answer, after at most `repairs` further requests in all.

    `read` returns rows and what is wrong with them. Exceptions of `ask` pass through.
    """
    asked, tries, wrapped, text = made.request, 0, 0, ""
    while True:
        reply: Reply = await ask_json(ask, asked, made.code, repairs=repairs - tries)
        tries, wrapped = tries + reply.tries, wrapped + reply.wrapped
        if reply.value is None:
            return Asked(None, reply.fault, tries, wrapped, text)
        rows, found = read(reply.value)
        fault, text = joined_fault(found), json.dumps(reply.value, ensure_ascii=False)[:TEXT]
        if fault is None:
            return Asked(rows, None, tries, wrapped, text)
        if tries > repairs:
            return Asked(None, fault, tries, wrapped, text)
        asked = _repair(made.request, text, fault, made.code)


def _repair(request: Request, said: str, fault: Fault, code: str) -> Request:
    """The first request, the faulty item, and what was wrong with it."""
    again = (
        f"This item cannot be used: {fault.detail}. Write it again without this fault: one JSON object "
        f'with "code": "{code}", in the form described above, and nothing else.'
    )
    turns = (*request.messages, Message("assistant", said), Message("user", again))
    return replace(request, messages=turns)
