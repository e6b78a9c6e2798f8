"""From an order to the request: the prompts of its kind, the pictures, the schema of the answer."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from expert_models.writer.choice import WritingChoice
from expert_models.writer.draft import Rejected
from expert_models.writer.item_rows.faults import numbers
from expert_models.writer.items_order import Half, ItemOrder, Step, first_facts
from expert_models.writer.items_schema import schema_of
from schemas.exchange import Message, Request, Sampling
from schemas.fact import Fact
from schemas.ids import digest
from schemas.reasons import REASONS
from schemas.region import POSITIONS
from transforms.prompting.aliases import Aliases
from transforms.prompting.answer_schema import code_for
from transforms.prompting.fence import clean
from transforms.prompting.prompt import Prompt, load_prompt
from transforms.prompting.sheet_text import pictures_of, sheet_data
from transforms.showing.view import View

PURPOSE = "item"
PACKAGE = "expert_models.writer"
TEXT, DETAIL = 700, 200  # characters of a rejected item and of what was wrong, that are shown again


@dataclass(frozen=True)
class ItemRequest:
    """A request, the code its answer must carry, and the names by which the answer speaks of ids."""

    request: Request
    code: str
    aliases: Aliases


def request_of(
    view: View, order: ItemOrder, choice: WritingChoice, rejected: Sequence[Rejected] = ()
) -> ItemRequest:
    """The request for one item. rejected: earlier attempts at this order, shown with their reasons.

    Of further images of the view only an item on several is shown anything.
    """
    aliases = Aliases(view, keep=_kept(order))
    system = load_prompt(PACKAGE, "item_system", choice.prompts)
    user = load_prompt(PACKAGE, f"item_{order.kind}", choice.prompts)
    data = prompt_data(view, order, aliases, rejected)
    sha256 = digest(system.sha256, user.sha256)
    code = code_for(PURPOSE, view.sheet.image.id, order.name, sha256, data)
    messages = (
        Message("system", _rules(system, view, order, choice)),
        Message("user", user.render(**data, code=code), pictures_of(view)),
    )
    request = Request(
        PURPOSE, view.sheet.image.id, messages, schema_of(order, aliases, code),
        Sampling(**choice.sampling.model_dump()), prompt_sha256=sha256,
    )  # fmt: skip
    return ItemRequest(request, code, aliases)


def prompt_data(
    view: View, order: ItemOrder, aliases: Aliases, rejected: Sequence[Rejected] = ()
) -> dict[str, Any]:
    """What the prompt of an item may speak of: `sheet_data`, the order in aliases, earlier attempts."""
    again = [
        {
            "text": clean(r.text, TEXT),
            "why": REASONS.get(r.reason, r.reason),
            "detail": clean(r.detail, DETAIL),
        }
        for r in rejected
    ]
    also = [text for one in again for text in one.values()]
    return sheet_data(view, aliases, also=also) | {
        "order": order_data(order, aliases),
        "rejected": again,
    }


def order_data(order: ItemOrder, aliases: Aliases) -> dict[str, Any]:
    """The order as plain data: ids as aliases, words as they are."""
    return {
        "type": order.type,
        "key": clean(order.key, TEXT),
        "wrong": [clean(w, TEXT) for w in order.wrong],
        "example": clean(order.example, TEXT),
        "why": clean(order.why, TEXT),
        "keep": list(order.keep),
        "numbers": bool(numbers(order.example)),
        "facts": _of(order.told, aliases),
        "regions": _of(order.regions, aliases),
        "passages": _of(order.passages, aliases),
        "vignette": _of(order.vignette, aliases),
        "denied": _denied(order.denied, aliases) if order.denied else None,
        "steps": [_step(s, aliases) for s in order.steps],
    }


def _denied(denied: Half, aliases: Aliases) -> dict[str, Any]:
    return {
        "says": clean(denied.says, TEXT),
        "example": clean(denied.example, TEXT),
        "why": clean(denied.why, TEXT),
        "facts": _of(first_facts(denied.facts), aliases),
        "regions": _of(denied.regions, aliases),
    }


def _step(step: Step, aliases: Aliases) -> dict[str, Any]:
    return {
        "about": step.about,
        "facts": _of(step.facts, aliases),
        "regions": _of(step.regions, aliases),
        "passages": _of(step.passages, aliases),
    }


def _of(rows: Iterable[Any], aliases: Aliases) -> list[str]:
    return aliases.all_of(r.id for r in rows)


def _rules(system: Prompt, view: View, order: ItemOrder, choice: WritingChoice) -> str:
    """The system prompt: of one kind of item and one way of showing pictures always the same."""
    return system.render(
        kind=order.kind,
        several=bool(view.others),
        picture=view.image is not None,
        overlay=view.overlay is not None,
        stem_words=choice.items.stem_words,
        positions=POSITIONS,
    )


def _kept(order: ItemOrder) -> list[str]:
    """Ids that the prompt must show, whatever else it leaves out."""
    facts: list[Fact] = [*order.told, *order.vignette]
    facts += first_facts(order.denied.facts) if order.denied else ()
    facts += [f for s in order.steps for f in s.facts]
    return [*(f.id for f in facts), *(r.id for r in order.regions)]
