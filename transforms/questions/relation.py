"""How does one region stand to another? The four answers exclude one another by definition."""

from schemas.fact import Fact
from schemas.question import Question
from transforms.questions.draft import Draft, because, stem
from transforms.questions.refer import (
    Named,
    named_regions,
    pointed_candidates,
    pointed_regions,
)
from transforms.sheet import FactSheet
from transforms.words.relation import is_projection, known_beforehand

ASKED = 2
CONTACT = {
    "inside": "entirely inside it",
    "overlaps": "partly overlapping it",
    "adjacent": "touching it from outside",
    "distance": "apart from it",
}
TOLD = {
    "inside": "entirely inside",
    "overlaps": "partly overlapping",
    "adjacent": "touching",
    "distance": "apart from",
}
DIRECTIONS = ("above and to the left", "above and to the right", "below and to the left",
              "below and to the right")  # fmt: skip


def ask_relation(sheet: FactSheet) -> list[Question]:
    """Contact between two things, and the direction from one to the other; at most one of each.

    Contact before no contact: that two lungs lie apart needs no picture, and of two organs (parts
    of everybody) it is not asked at all. How a candidate touches what is there is asked last.
    """
    named = named_regions(sheet)
    contact = [
        q
        for pointed in (pointed_regions(sheet), pointed_candidates(sheet))
        for kind in CONTACT
        for a in pointed
        for b in named
        for q in _ask_contact(sheet, kind, a, b)
    ]
    direction = [q for a in named for b in named for q in _ask_direction(sheet, a, b)]
    return [*contact[:1], *direction[:1], *contact[1:]][:ASKED]


def _ask_contact(sheet: FactSheet, kind: str, one: Named, two: Named) -> list[Question]:
    """One of four states; a pair has one fact of contact, told of the smaller region."""
    fact = next(iter(_between(sheet, kind, one, two)), None)
    if fact is None or _known_beforehand(kind, one, two):
        return []
    answer = CONTACT[fact.kind]
    question = stem(sheet, "relation", fact.id, plural=one.plural, one=one.words, two=two.words)
    why = because("relation", one.plural, one=one.words, how=TOLD[fact.kind], two=two.words)
    draft = _draft(sheet, question, why, one, two, [fact])
    return [draft.choice(answer, [a for a in CONTACT.values() if a != answer])]


def _known_beforehand(kind: str, one: Named, two: Named) -> bool:
    """Two organs lie apart in every body, and a muscle is part of the flesh. At what depth a device
    lies, a radiograph does not show; and that what an expert proposes is somewhere else is no question."""
    if known_beforehand(one.group, two.group) or (kind == "distance" and one.group.candidate):
        return True
    if is_projection(one.group.sheet) and "device" in (one.group.kind, two.group.kind):
        return True
    if not (one.group.organ_like and two.group.organ_like):
        return False
    return kind == "distance" or "tissue" in (one.group.kind, two.group.kind)


def _ask_direction(sheet: FactSheet, one: Named, two: Named) -> list[Question]:
    """Only where both directions are clear, so that one of four answers is true."""
    vertical = _between(sheet, "above", one, two) or _between(sheet, "above", two, one)
    sideways = _between(sheet, "left_of", one, two) or _between(sheet, "left_of", two, one)
    if not vertical or not sideways or one.region.id > two.region.id:
        return []
    height = "above" if vertical[0].subject == one.region.id else "below"
    side = "left" if sideways[0].subject == one.region.id else "right"
    answer = f"{height} and to the {side}"
    question = stem(
        sheet, "direction", one.region.id, plural=one.plural, one=one.words, two=two.words
    )
    why = because("direction", one.plural, one=one.words, how=answer, two=two.words)
    draft = _draft(sheet, question, why, one, two, [*vertical, *sideways])
    return [draft.choice(answer, [d for d in DIRECTIONS if d != answer])]


def _draft(
    sheet: FactSheet, question: str, why: str, one: Named, two: Named, facts: list[Fact]
) -> Draft:
    regions = [one.region, two.region]
    return Draft(sheet, "relation", question, why, [*facts, *one.facts, *two.facts], regions)


def _between(sheet: FactSheet, kind: str, one: Named, two: Named) -> list[Fact]:
    return [f for f in sheet.about(one.region.id, kind) if f.object == two.region.id]
