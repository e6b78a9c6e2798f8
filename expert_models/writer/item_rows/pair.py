"""A yes/no pair: two rows with settled keys, twins of one another, whose stems differ in one place."""

from dataclasses import replace
from typing import Any

from expert_models.writer.item_rows.basis import basis_of, names_one
from expert_models.writer.item_rows.closed import question_id
from expert_models.writer.item_rows.faults import Found, rationale_faults
from expert_models.writer.item_rows.plain import plain
from expert_models.writer.item_rows.stem import polar_faults, stem_faults
from expert_models.writer.item_rows.terms import term_said
from expert_models.writer.items_choice import ItemsChoice
from expert_models.writer.items_order import ItemOrder, first_facts
from schemas.fact import Fact
from schemas.question import Question
from schemas.region import Region
from transforms.prompting.aliases import Aliases

YES_NO = ("yes", "no")
MOST_CHANGED = 8  # words that may stand in the place where two stems differ


def pair_rows(
    order: ItemOrder, value: dict[str, Any], aliases: Aliases, choice: ItemsChoice
) -> tuple[list[Question], Found]:
    """The two rows, and what is wrong with either. Raises ValueError on an order without its other half."""
    if order.denied is None:
        raise ValueError(f"order {order.name} is no pair")
    denied = order.denied
    yes, found = _row("yes", order, value["yes"], aliases, order.facts, order.regions)
    no, more = _row("no", order, value["no"], aliases, denied.facts, denied.regions)
    found += more
    for row, example in ((yes, order.example), (no, denied.example)):
        found += stem_faults(row.question, order, example, choice) + polar_faults(row.question)
    found += _proposed(yes.question, no.question, order.key, denied.says)
    return [replace(yes, twin_id=no.id), replace(no, twin_id=yes.id)], found


def _row(
    answer: str, order: ItemOrder, part: dict[str, Any], aliases: Aliases,
    facts: tuple[Fact, ...], regions: tuple[Region, ...],
) -> tuple[Question, Found]:  # fmt: skip
    stem, rationale = plain(part["question"]), plain(part["rationale"])
    basis, found = basis_of(part, aliases, facts=facts, regions=regions)
    found += names_one(part, aliases, first_facts(facts)) + rationale_faults(rationale)
    image, options = aliases.views[0].sheet.image.id, list(YES_NO)
    row = Question(
        id=question_id([image], order.type, stem, options), image_id=image, question=stem,
        question_type=order.type, options=options, answer=answer, answer_index=YES_NO.index(answer),
        region_ids=basis.regions, fact_ids=basis.facts, passage_ids=basis.passages, rationale=rationale,
    )  # fmt: skip
    return row, found


def _proposed(yes: str, no: str, key: str, denied: str) -> Found:
    """Each proposes what it should, and they differ in nothing else."""
    if yes.lower() == no.lower():
        return [("twin_missing", "the two stems are the same")]
    found: Found = []
    for name, stem, term, other in (("yes", yes, key, denied), ("no", no, denied, key)):
        if term_said(stem, (key, denied)) == other:
            found.append(("key_wrong", f"the {name} stem proposes {other!r} and not {term!r}"))
    if changed_words(yes, no) > MOST_CHANGED:
        found.append(("twin_missing", "the two stems must differ only in what they propose"))
    return found


def changed_words(one: str, two: str) -> int:
    """Words of the longer of the two middles that are left when like beginnings and ends are cut off."""
    a, b = one.lower().split(), two.lower().split()
    start = next(
        (n for n, (x, y) in enumerate(zip(a, b, strict=False)) if x != y), min(len(a), len(b))
    )
    a, b = a[start:], b[start:]
    end = next(
        (n for n, (x, y) in enumerate(zip(a[::-1], b[::-1], strict=False)) if x != y),
        min(len(a), len(b)),
    )
    return max(len(a), len(b)) - end
