"""JSON schemas of answers, one a kind of item. What an item rests on comes before what it says."""

from collections.abc import Callable

from expert_models.writer.item_rows.faults import LONGEST
from expert_models.writer.items_order import LETTERS, ItemOrder
from transforms.prompting.aliases import Aliases
from transforms.prompting.answer_schema import Schema, id_list, one_of, record, rows, words

STEM = words(10, LONGEST["stem"])
REASON = words(10, LONGEST["rationale"])
NO_REASON = words(0, LONGEST["rationale"])  # over several images no program can read one
OPTION = words(1, LONGEST["option"])
SPEECH = words(4, LONGEST["turn"])
MOST_IDS = 12


def schema_of(order: ItemOrder, aliases: Aliases, code: str) -> Schema:
    """The schema of the answer to an order; ids are aliases of this view."""
    return record("item", {"code": one_of([code]), **_BY_KIND[order.kind](order, aliases)})


def _ids(aliases: Aliases) -> dict[str, Schema]:
    return {
        "facts": id_list(list(aliases.facts), MOST_IDS),
        "regions": id_list(list(aliases.regions), MOST_IDS),
        "passages": id_list(list(aliases.passages), MOST_IDS),
    }


def _choice(order: ItemOrder, aliases: Aliases) -> dict[str, Schema]:
    options = record("options", dict.fromkeys(LETTERS, OPTION))
    reason = REASON if order.kind == "choice" else NO_REASON
    item = {"rationale": reason, "question": STEM, "options": options, "answer": one_of(LETTERS)}
    return _ids(aliases) | item


def _yes_no(order: ItemOrder, aliases: Aliases) -> dict[str, Schema]:
    half = {**_ids(aliases), "rationale": REASON, "question": STEM}
    return {"yes": record("yes", half), "no": record("no", half)}


def _short(order: ItemOrder, aliases: Aliases) -> dict[str, Schema]:
    return {**_ids(aliases), "rationale": REASON, "question": STEM}


def _conversation(order: ItemOrder, aliases: Aliases) -> dict[str, Schema]:
    turn = record("turn", {"user": SPEECH, **_ids(aliases), "assistant": SPEECH})
    return {"turns": rows(turn, len(order.steps), len(order.steps))}


_BY_KIND: dict[str, Callable[[ItemOrder, Aliases], dict[str, Schema]]] = {
    "choice": _choice, "several": _choice, "yes_no": _yes_no, "short": _short,
    "conversation": _conversation,
}  # fmt: skip
