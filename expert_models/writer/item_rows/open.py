"""An open short answer: the model words the question, the facts give the answer."""

from typing import Any

from expert_models.writer.item_rows.basis import basis_of, names_one
from expert_models.writer.item_rows.closed import question_id
from expert_models.writer.item_rows.faults import Found, rationale_faults
from expert_models.writer.item_rows.plain import plain
from expert_models.writer.item_rows.stem import leak_faults, stem_faults
from expert_models.writer.items_choice import ItemsChoice
from expert_models.writer.items_order import ItemOrder
from schemas.question import Question
from transforms.prompting.aliases import Aliases


def open_rows(
    order: ItemOrder, value: dict[str, Any], aliases: Aliases, choice: ItemsChoice
) -> tuple[list[Question], Found]:
    """The one row, and what is wrong with it. Value, unit and tolerance are never the model's."""
    stem, rationale = plain(value["question"]), plain(value["rationale"])
    basis, found = basis_of(value, aliases, facts=order.facts, regions=order.regions)
    found += names_one(value, aliases, order.told) + rationale_faults(rationale)
    found += stem_faults(stem, order, order.example, choice)
    found += [] if order.measure else leak_faults(stem, order.key, [])
    image, measure = aliases.views[0].sheet.image.id, order.measure
    row = Question(
        id=question_id([image], order.type, stem, []), image_id=image, question=stem,
        question_type=order.type, options=[], answer=order.key,
        answer_value=measure.value if measure else None,
        unit=measure.unit if measure else None,
        tolerance=measure.tolerance if measure else None,
        region_ids=basis.regions, fact_ids=basis.facts, passage_ids=basis.passages, rationale=rationale,
    )  # fmt: skip
    return [row], found
