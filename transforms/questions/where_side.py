"""On which side of the patient? Only where a fact says so; never from sides of the image."""

from schemas.question import Question
from schemas.vocabulary import organs
from transforms.questions.draft import Draft, because, stem
from transforms.questions.refer import corners, pointed_regions
from transforms.sheet import FactSheet
from transforms.words.doubts import ALTERED

SIDES = ("the left side", "the right side", "both sides", "the midline")


def ask_where_side(sheet: FactSheet) -> list[Question]:
    """On the side of the imaged organ where one is stated (whatever lies in a left breast is on the
    left), else on that of a region's fact; at most one."""
    if ALTERED in sheet.image.flags:
        return []  # a mirrored picture has no true side to see
    return (_ask_image(sheet) or _ask_region(sheet))[:1]


def _ask_region(sheet: FactSheet) -> list[Question]:
    """Regions whose box lies on one side; a name that says the side is replaced by the corners."""
    asked = []
    for pointed in pointed_regions(sheet):
        fact = sheet.one(pointed.region.id, "side")
        if fact is None or fact.value not in ("left", "right"):
            continue
        told = fact.value in pointed.words
        words = f"the structure with {corners(pointed.region)}" if told else pointed.words
        plural = pointed.plural and not told
        question = stem(sheet, "where_side", pointed.region.id, plural=plural, target=words)
        why = because("where_side", pointed.plural, target=words, side=fact.value)
        facts = [*pointed.facts, fact]
        draft = Draft(sheet, "where_side", question, why, facts, [pointed.region])
        answer = f"the {fact.value} side"
        asked.append(draft.choice(answer, [s for s in SIDES if s != answer]))
    return asked


def _ask_image(sheet: FactSheet) -> list[Question]:
    side, part = (sheet.one(sheet.image.id, k) for k in ("image_side", "anatomy"))
    organ = organs().get(part.value) if part is not None else None
    if side is None or part is None or organ is None or side.value not in ("left", "right"):
        return []
    if not organ.paired:
        return []  # a header may call a lateral chest "L"; the chest has no side
    why = because("image_side", part=str(part.value), side=side.value)
    question = stem(sheet, "image_side", part=str(part.value))
    answer = f"the {side.value} side"
    draft = Draft(sheet, "where_side", question, why, [side, part])
    return [draft.choice(answer, [s for s in SIDES if s != answer])]
