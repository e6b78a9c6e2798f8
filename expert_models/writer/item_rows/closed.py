"""Multiple choice, on one image or several: options checked, letters dealt out anew, ids joined."""

from typing import Any

from expert_models.writer.item_rows.basis import basis_of, names_one
from expert_models.writer.item_rows.faults import Found, rationale_faults
from expert_models.writer.item_rows.options import option_faults, plain_option
from expert_models.writer.item_rows.plain import plain
from expert_models.writer.item_rows.stem import leak_faults, stem_faults
from expert_models.writer.items_choice import ItemsChoice
from expert_models.writer.items_order import LETTERS, ItemOrder
from schemas.ids import content_id, digest, pick
from schemas.question import Question
from transforms.prompting.aliases import Aliases


def closed_rows(
    order: ItemOrder, value: dict[str, Any], aliases: Aliases, choice: ItemsChoice
) -> tuple[list[Question], Found]:
    """The one row of a multiple-choice item, and what is wrong with it."""
    stem, rationale = plain(value["question"]), plain(value["rationale"])
    options = [plain_option(n, plain(value["options"][n])) for n in LETTERS]
    key = options[LETTERS.index(value["answer"])]
    others = [o for o in options if o != key]
    basis, found = basis_of(value, aliases, facts=order.facts, regions=order.regions,
                            passages=order.passages if not order.key else ())  # fmt: skip
    found += names_one(value, aliases, order.told)
    found += stem_faults(stem, order, order.example, choice) + leak_faults(
        stem, order.key or key, others
    )
    found += option_faults(options, key, order, choice.key_length)
    found += rationale_faults(rationale) if order.kind == "choice" else []
    images = [v.sheet.image.id for v in aliases.views] if order.kind == "several" else []
    images = images or [aliases.views[0].sheet.image.id]
    id = question_id(images, order.type, stem, options)
    dealt = dealt_out(id, key, others)
    row = Question(
        id=id, image_id=images[0], question=stem, question_type=order.type, options=dealt, answer=key,
        answer_index=dealt.index(key), region_ids=basis.regions, fact_ids=basis.facts,
        passage_ids=basis.passages, rationale=rationale if order.kind == "choice" else None, more_image_ids=images[1:],
    )  # fmt: skip
    return [row], found


def question_id(images: list[str], type: str, stem: str, options: list[str]) -> str:
    """The same item has the same id whatever order its options came in."""
    return content_id("qa", images, type, stem, sorted(options))


def dealt_out(id: str, key: str, others: list[str]) -> list[str]:
    """The wrong options in a keyed order, the key at a keyed place: over ids every letter is as likely."""
    order = sorted(others, key=lambda o: (digest("option", id, o), o))
    place = pick(len(others) + 1, "letter", id)
    return [*order[:place], key, *order[place:]]
