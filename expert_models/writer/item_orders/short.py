"""Open short answers: the facts give the answer in full, a model words the question."""

from collections.abc import Callable
from dataclasses import replace

from expert_models.writer.items_order import ItemOrder, Measure
from schemas.question import Question
from transforms.questions.anatomy import ask_anatomy
from transforms.questions.how_large import UNITS, ask_how_large
from transforms.questions.how_many import ask_how_many
from transforms.questions.plane import ask_plane
from transforms.questions.where_position import ask_where_position
from transforms.questions.where_side import ask_where_side
from transforms.questions.which_finding import ask_which_finding
from transforms.sheet import FactSheet
from transforms.showing.view import View

SEEDS: tuple[Callable[[FactSheet], list[Question]], ...] = (
    ask_how_many, ask_how_large, ask_where_position, ask_where_side, ask_which_finding, ask_plane,
    ask_anatomy,
)  # fmt: skip


def short_orders(view: View) -> list[ItemOrder]:
    """One for each question that the facts answer in a word or a number.

    A measured answer keeps value, unit and tolerance of the question it comes from. A share of the
    image is left out: nobody reads one off a picture without options beside it.
    """
    seeds = [q for ask in SEEDS for q in ask(view.sheet)]
    return [_order(view.sheet, q) for q in seeds if q.unit != "%"]


def _order(sheet: FactSheet, seed: Question) -> ItemOrder:
    order = ItemOrder(
        "short", seed.question_type, _target(sheet, seed), tuple(sheet.by_id[i] for i in seed.fact_ids),
        tuple(sheet.region[i] for i in seed.region_ids), key=seed.answer, example=seed.question,
        why=seed.rationale or "",
    )  # fmt: skip
    if seed.answer_value is None or seed.unit is None or seed.tolerance is None:
        return order
    measure = Measure(seed.answer_value, seed.unit, seed.tolerance)
    return replace(order, measure=measure, keep=(UNITS[seed.unit],) if seed.unit in UNITS else ())


def _target(sheet: FactSheet, seed: Question) -> str:
    """The region, or the label of those counted, or the whole image."""
    counted = [f.value for i in seed.fact_ids if (f := sheet.by_id[i]).kind == "count"]
    return str([*counted, *seed.region_ids, "whole"][0])
