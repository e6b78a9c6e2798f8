"""Which of two covers more of the image? Only where the areas differ by a fifth or more, and not by
so much that it is known without looking."""

from schemas.fact import Fact
from schemas.question import Question
from transforms.questions.draft import Draft, because, stem
from transforms.questions.refer import Named, lesions_first, named_regions
from transforms.sheet import FactSheet
from transforms.words.groups import Group

ASKED = 2
OBVIOUS = 3.0  # ratio of areas above which no picture is needed: liver and gallbladder


def ask_larger_of_two(sheet: FactSheet) -> list[Question]:
    """Two things with names of their own, else the two of a kind told apart by their positions."""
    return [*_ask_pairs(sheet), *_ask_same_kind(sheet)][:ASKED]


def _ask_pairs(sheet: FactSheet) -> list[Question]:
    """Things of one kind only: that a lung exceeds a nodule needs no picture."""
    named = {n.region.id: n for n in named_regions(sheet)}
    asked = []
    for big in named.values():
        for fact in sheet.about(big.region.id, "larger_than"):
            small = named.get(fact.object or "")
            if small is not None and _open(big, small):
                facts = [fact, *big.facts, *small.facts]
                regions = [big.region, small.region]
                question = stem(sheet, "larger_of_two", fact.id)
                why = because("larger_of_two", big.plural, one=big.words, two=small.words)
                draft = Draft(sheet, "larger_of_two", question, why, facts, regions)
                asked.append(draft.choice(big.words, [small.words]))
    return asked


def _open(big: Named, small: Named) -> bool:
    """Of one kind, and either may be the larger one for all that a reader knows beforehand."""
    ratio = big.region.area_fraction / max(small.region.area_fraction, 1e-12)
    return small.group.kind == big.group.kind and ratio <= OBVIOUS


def _ask_same_kind(sheet: FactSheet) -> list[Question]:
    """Two regions of one label, all there are, in different parts of the image."""
    return [
        q for g in lesions_first(sheet) if g.count and len(g.regions) == 2 for q in _two(sheet, g)
    ]


def _two(sheet: FactSheet, group: Group) -> list[Question]:
    big, small = group.regions
    fact = next((f for f in sheet.about(big.id, "larger_than") if f.object == small.id), None)
    places = group.each("position")
    if fact is None or not group.labels or len({p.value for p in places}) < 2:
        return []
    names = [f"the one in the {p.value} of the image" for p in places]
    question = stem(sheet, "larger_of_same", fact.id, targets=group.noun.many)
    why = because("larger_of_two", one=names[0], two=names[1])
    facts: list[Fact | None] = [fact, *group.labels, *places, group.count, group.complete]
    draft = Draft(sheet, "larger_of_two", question, why, facts, [big, small])
    return [draft.choice(names[0], [names[1]])]
