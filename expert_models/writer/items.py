"""Write the items of one view: orders in, questions and conversations with their ids out."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from expert_models.writer.choice import WritingChoice
from expert_models.writer.draft import Draft, DraftFault, Rejected
from expert_models.writer.item_rows.closed import closed_rows
from expert_models.writer.item_rows.dialogue import dialogue_rows
from expert_models.writer.item_rows.faults import Found
from expert_models.writer.item_rows.open import open_rows
from expert_models.writer.item_rows.pair import pair_rows
from expert_models.writer.items_asking import Asked, ask_item
from expert_models.writer.items_choice import ItemsChoice
from expert_models.writer.items_order import ItemOrder
from expert_models.writer.items_plan import plan_items
from expert_models.writer.items_request import request_of
from expert_models.writer.items_text import Item, is_meant, item_text
from schemas.conversation import Conversation
from schemas.exchange import Ask
from schemas.question import Question
from transforms.prompting.aliases import Aliases
from transforms.showing.view import View


async def write_items(
    view: View, ask: Ask, choice: WritingChoice, *, rejected: Sequence[Rejected] = ()
) -> Draft:
    """The items of one view, by the plan of `plan_items`; every order is asked for at the same time.

    rejected: items of earlier attempts, all of them. Then only those orders are written again whose
    item was refused, each with its refused attempts and their reasons; nothing else is returned. An
    order's earlier attempts are asked for again as they were, which a cache answers.
    Bad answers become faults of the draft. Exceptions of `ask` pass, after every order had its turn.
    """
    orders = plan_items(view, choice.items)
    done = await asyncio.gather(
        *(_write(view, order, ask, choice, rejected) for order in orders), return_exceptions=True
    )
    for one in done:
        if isinstance(one, BaseException):
            raise one
    return _joined([one for one in done if isinstance(one, _Written)])


@dataclass
class _Written:
    """What came of one order."""

    items: list[Item] = field(default_factory=list)
    faults: list[DraftFault] = field(default_factory=list)
    tries: int = 0
    wrapped: int = 0


async def _write(
    view: View, order: ItemOrder, ask: Ask, choice: WritingChoice, rejected: Sequence[Rejected]
) -> _Written:
    """The first attempt that was not refused; nothing, where there are refusals but none of this order."""
    refused: list[Rejected] = []
    for _ in range(len(rejected) + 1):
        written = await _attempt(view, order, ask, choice, refused)
        meant = [(r, i) for r in rejected for i in written.items if is_meant(r, i)]
        if not meant:
            return written if refused or not rejected else _Written()
        new = [Rejected(item_text(i), r.reason, r.detail) for r, i in meant]
        new = [r for r in dict.fromkeys(new) if r not in refused]
        if not new:
            break
        refused += new
    last = refused[-1]
    detail = f"{order.name}: written again as it was refused"
    fault = DraftFault("item", last.reason, detail, written.tries, last.text)
    return _Written([], [fault], written.tries, written.wrapped)


async def _attempt(
    view: View, order: ItemOrder, ask: Ask, choice: WritingChoice, refused: Sequence[Rejected]
) -> _Written:
    shown = view if order.kind == "several" else replace(view, others=())
    made = request_of(shown, order, choice, refused)

    def read(value: dict[str, Any]) -> tuple[list[Item], Found]:
        return _read(order, value, made.aliases, choice.items)

    asked: Asked[list[Item]] = await ask_item(ask, made, read, repairs=choice.repairs)
    written = _Written(asked.rows or [], [], asked.tries, asked.wrapped)
    if asked.fault is not None:
        detail = f"{order.name}: {asked.fault.detail}"
        written.faults.append(
            DraftFault("item", asked.fault.reason, detail, asked.tries, asked.text)
        )
    return written


def _read(
    order: ItemOrder, value: dict[str, Any], aliases: Aliases, choice: ItemsChoice
) -> tuple[list[Item], Found]:
    if order.kind == "conversation":
        turns, found = dialogue_rows(order, value, aliases)
        return [*turns], found
    make = {"yes_no": pair_rows, "short": open_rows}.get(order.kind, closed_rows)
    questions, found = make(order, value, aliases, choice)
    return [*questions], found


def _joined(done: Sequence[_Written]) -> Draft:
    """One draft of all; of two items with one id the first."""
    items = {i.id: i for one in done for i in one.items}
    return Draft(
        questions=[i for i in items.values() if isinstance(i, Question)],
        conversations=[i for i in items.values() if isinstance(i, Conversation)],
        faults=[f for one in done for f in one.faults],
        tries=sum(one.tries for one in done),
        wrapped=sum(one.wrapped for one in done),
    )
