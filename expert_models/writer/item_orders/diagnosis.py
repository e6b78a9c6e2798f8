"""Multiple choice on the best diagnosis: only where the wrong ones exclude the right one, or are denied.

That an image-level label is silent on a disease does not make the disease a wrong answer.
"""

from dataclasses import replace

from expert_models.writer.item_orders.next_step import vignette_of
from expert_models.writer.items_order import OPTIONS, ItemOrder
from schemas.fact import Fact
from schemas.vocabulary import Finding, findings
from transforms.questions.draft import because
from transforms.questions.refer import corners, pointed_regions
from transforms.questions.terms import ancestors, related, rivals
from transforms.sheet import FactSheet
from transforms.showing.view import View
from transforms.words.whole import named

MOST_WRONG = 8
DIAGNOSES = {
    "skin lesion", "breast lesion", "brain lesion", "abdominal lesion", "soft-tissue lesion",
    "gland lesion", "chest disease",
}  # fmt: skip
"""Groups of terms that a reader would call a diagnosis; a nodule or a polyp is a finding."""


def diagnosis_orders(view: View) -> list[ItemOrder]:
    """On the whole image where a finding is stated of it, else on regions; one a term."""
    sheet = view.sheet
    whole = [f for f in sheet.stated_findings() if f.polarity == "present"]
    made = [_whole(view, f) for f in whole] or _of_regions(view)
    return [o for o in made if o is not None and len(o.wrong) >= OPTIONS - 1]


def _whole(view: View, fact: Fact) -> ItemOrder | None:
    sheet, term = view.sheet, findings().get(fact.value)
    if term is None or term.group not in DIAGNOSES or _rivalled(term, sheet):
        return None
    denied = [n for n in sorted(sheet.absent) if _same_kind(n, term)]
    classes = rivals(term, sheet) if term.kind == "lesion" else []
    wrong = list(dict.fromkeys([*denied, *classes]))
    proof = tuple(sheet.absent[n] for n in denied[:MOST_WRONG])
    return _order(view, term, (fact, *proof), wrong, "What is the most likely diagnosis?")


def _of_regions(view: View) -> list[ItemOrder | None]:
    """A lesion of a stated kind: of one lesion, the other kinds of its group are false."""
    made: dict[str, ItemOrder | None] = {}
    for pointed in pointed_regions(view.sheet):
        term = findings().get(pointed.region.label)
        if (
            term is None
            or term.kind != "lesion"
            or term.group not in DIAGNOSES
            or term.name in made
        ):
            continue
        question = (
            f"What is the most likely diagnosis of the lesion with {corners(pointed.region)}?"
        )
        facts = tuple(view.sheet.about(pointed.region.id, "label"))
        order = _order(view, term, facts, rivals(term, view.sheet), question)
        made[term.name] = replace(order, target=pointed.region.id, regions=(pointed.region,))
    return list(made.values())


def _order(
    view: View, term: Finding, facts: tuple[Fact, ...], wrong: list[str], example: str
) -> ItemOrder:
    told = tuple(p for p in view.passages if p.concept == term.name)[:1]
    return ItemOrder(
        "choice", "best_diagnosis", term.name, facts, archetype="diagnosis", key=term.name,
        wrong=tuple(wrong[:MOST_WRONG]), example=example,
        why=because("yes", target=named(term.name)), passages=told,
        vignette=vignette_of(view.sheet),
    )  # fmt: skip


def _same_kind(name: str, term: Finding) -> bool:
    other = findings().get(name)
    return other is not None and other.group == term.group and not related(name, term.name)


def _rivalled(term: Finding, sheet: FactSheet) -> bool:
    """Another diagnosis of the group is true as well; a more general name of this one is not another."""
    names = [n for n in sheet.present if n != term.name and n not in ancestors(term.name)]
    return any((t := findings().get(n)) is not None and t.group == term.group for n in names)
