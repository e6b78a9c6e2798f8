"""Which items an image is asked for: what its facts support, thinned by the shares of the recipe.

A keyed race decides: each possible order draws a time, the shorter the larger its weight, and the first
few win (Efraimidis and Spirakis 2006, weighted sampling without replacement).
"""

from collections import Counter
from collections.abc import Callable, Mapping
from math import log

from expert_models.writer.item_orders.acquisition import modality_orders
from expert_models.writer.item_orders.conversation import conversation_orders
from expert_models.writer.item_orders.diagnosis import diagnosis_orders
from expert_models.writer.item_orders.finding import finding_orders
from expert_models.writer.item_orders.localisation import localisation_orders
from expert_models.writer.item_orders.next_step import next_step_orders
from expert_models.writer.item_orders.several import several_orders
from expert_models.writer.item_orders.short import short_orders
from expert_models.writer.item_orders.yes_no import yes_no_orders
from expert_models.writer.item_rows.options import too_long
from expert_models.writer.items_choice import Archetype, ItemsChoice
from expert_models.writer.items_order import OPTIONS, ItemOrder
from schemas.ids import digest
from schemas.image import TEMPLATE_FLAG
from transforms.questions.ask import OF_TEMPLATE
from transforms.showing.view import View

ARCHETYPES: dict[Archetype, Callable[[View], list[ItemOrder]]] = {
    "finding": finding_orders,
    "diagnosis": diagnosis_orders,
    "next_step": next_step_orders,
    "localisation": localisation_orders,
    "modality": modality_orders,
}
_ANYWHERE = ("conversation", "several")
_TINY = 1e-300


def plan_items(view: View, choice: ItemsChoice) -> list[ItemOrder]:
    """At most `choice.per_image` orders, in the order of their draws. A pure function.

    An image is asked about one target in one way only, but for conversations and items on several
    images, which go over many.
    """
    orders = possible_orders(view, choice)
    image = view.sheet.image.id
    drawn = [
        (_time(image, order.name) / weight, order.name, order)
        for order, weight in zip(orders, _weights(orders, choice), strict=True)
        if weight > 0
    ]
    taken: dict[tuple[str, ...], ItemOrder] = {}
    for *_, order in sorted(drawn, key=lambda d: d[:2]):
        taken.setdefault(_asked(order), order)
    return list(taken.values())[: choice.per_image]


def possible_orders(view: View, choice: ItemsChoice) -> list[ItemOrder]:
    """Every order that the facts of a view support.

    What a model proposed settles no key; in a conversation it may be told as possible. Of an image that
    is a template only what the template itself shows is asked.
    """
    of_choice = [o for make in ARCHETYPES.values() for o in make(view)]
    closed = [o for o in of_choice if not o.key or _has_options(o, choice)]
    orders = [*closed, *yes_no_orders(view), *short_orders(view)]
    if TEMPLATE_FLAG in view.sheet.image.flags:
        orders = [o for o in orders if o.type in OF_TEMPLATE]
    else:
        orders += several_orders(view)
    sure = [o for o in orders if not any(f.origin == "expert_model" for f in o.facts)]
    return [*sure, *conversation_orders(view, choice)]


def _has_options(order: ItemOrder, choice: ItemsChoice) -> bool:
    """Four wrong options or more, and not all of them so short that the key gives itself away."""
    longest = max(map(len, order.wrong), default=0)
    return len(order.wrong) >= OPTIONS - 1 and not too_long(order.key, longest, choice.key_length)


def _weights(orders: list[ItemOrder], choice: ItemsChoice) -> list[float]:
    """The weight of a kind, shared out by the recipe among those archetypes that the image has, and
    evenly within one."""
    cells = Counter((o.kind, o.archetype) for o in orders)
    kinds: Mapping[str, float] = {str(k): v for k, v in choice.kinds.items()}
    shares = {"": 1.0} | {str(k): v for k, v in choice.archetypes.items()}
    of_kind: dict[str, float] = {}
    for kind, archetype in cells:
        of_kind[kind] = of_kind.get(kind, 0.0) + shares.get(archetype, 0.0)
    return [
        kinds.get(o.kind, 0.0) * shares.get(o.archetype, 0.0)
        / max(of_kind[o.kind], _TINY) / cells[o.kind, o.archetype]
        for o in orders
    ]  # fmt: skip


def _asked(order: ItemOrder) -> tuple[str, ...]:
    return (order.kind, order.target) if order.kind in _ANYWHERE else (order.type, order.target)


def _time(image: str, name: str) -> float:
    """A keyed draw of an exponential waiting time: -ln u, u uniform in (0, 1)."""
    return -log((int(digest("item", image, name)[:13], 16) + 0.5) / 16**13)
