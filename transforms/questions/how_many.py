"""How many of a kind? Only where every one of them is known and counted."""

from schemas.ids import pick
from schemas.question import Question
from schemas.vocabulary import findings
from transforms.questions.draft import Draft, because, stem
from transforms.questions.numbers import rising_counts
from transforms.sheet import FactSheet
from transforms.words.grammar import counted
from transforms.words.groups import Group, groups_of

ASKED = 2
ONE_IN = 4  # a single one is asked for in one image of so many, or "1" becomes the safe guess
EXACT_UP_TO = 10  # larger counts may miss by a tenth (families.md F4)


def ask_how_many(sheet: FactSheet) -> list[Question]:
    """Counts of things that can be counted; a body's own single organs are not asked for."""
    groups = [
        g
        for g in groups_of(sheet)
        if not g.background
        if g.count is not None and not g.organ_like and g.label in findings()
        if len(g.regions) > 1 or pick(ONE_IN, sheet.image.id, "how_many one", g.label) == 0
    ]
    return [_question(sheet, g) for g in groups][:ASKED]


def _question(sheet: FactSheet, group: Group) -> Question:
    number = len(group.regions)
    things = group.noun.many
    question = stem(sheet, "how_many", group.label, targets=things)
    thing = things if number != 1 else group.noun.one
    why = because("how_many", number != 1, total=counted(number), target=thing)
    draft = Draft(
        sheet, "how_many", question, why, [group.count, group.complete, *group.labels],
        group.regions,
    )  # fmt: skip
    tolerance = 0.0 if number <= EXACT_UP_TO else float(number // EXACT_UP_TO)
    closed = number > 1 and pick(2, sheet.image.id, "how_many", group.label)
    options = rising_counts(number, sheet.image.id, group.label) if closed else []
    return draft.measured(str(number), float(number), "1", tolerance, options)
