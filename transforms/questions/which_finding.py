"""What does a region show? The stem points at one region with one label, so one option is true."""

from schemas.ids import pick
from schemas.question import Question
from schemas.region import Region
from schemas.vocabulary import Finding, findings
from transforms.questions.draft import FEWEST_OPTIONS, Draft, because, stem
from transforms.questions.refer import can_be_pointed_at, corners, lesions_first
from transforms.questions.terms import related, rivals
from transforms.regions.boxes import overlap_of
from transforms.sheet import FactSheet
from transforms.words.nouns import noun_of
from transforms.words.whole import named

ASKED = 2
SAME_BOX = 0.5  # intersection over union above which two boxes point at the same place
WIDEST = 0.6  # of the image: a larger box points at nothing
FAMILIES = {"cell": "which_cell", "device": "which_device", "lesion": "which_lesion"}


def ask_which_finding(sheet: FactSheet) -> list[Question]:
    """One question a label, on a region that shares its box with no other kind; at most two. Never what a
    candidate is."""
    asked: list[Question] = []
    for group in (g for g in lesions_first(sheet) if not g.candidate):
        term = findings().get(group.label)
        clear = [r for r in group.regions if _points(r, sheet) and sheet.about(r.id, "label")]
        others = rivals(term, sheet) if term is not None and clear else []
        if term is not None and len(others) >= FEWEST_OPTIONS - 1 and len(asked) < ASKED:
            region = clear[pick(len(clear), sheet.image.id, group.label)]
            asked.append(_question(sheet, term, region, others))
    return asked or _ask_whole(sheet)


def _ask_whole(sheet: FactSheet) -> list[Question]:
    """On a finding of the whole image: every other option is known to be absent."""
    present = [f for f in sheet.stated_findings() if f.polarity == "present" and f.value]
    term = findings().get(present[0].value) if len(present) == 1 else None
    if term is None:
        return []
    others = [
        t.name
        for name in sorted(sheet.absent)
        if (t := findings().get(name)) is not None
        and t.group == term.group
        and not related(t.name, term.name)
    ]
    if len(others) < FEWEST_OPTIONS - 1:
        return []
    facts = [*present, *(sheet.absent[name] for name in others)]
    why = because("yes", target=named(term.name))
    draft = Draft(sheet, "which_finding", stem(sheet, "which_whole"), why, facts)
    return [draft.choice(term.name, others)]


def _question(sheet: FactSheet, term: Finding, region: Region, others: list[str]) -> Question:
    family = FAMILIES.get(term.kind, "which_structure")
    question = stem(sheet, family, region.id, corners=corners(region))
    why = because("which_finding", corners=corners(region), target=noun_of(term.name).first())
    facts = sheet.about(region.id, "label")
    return Draft(sheet, "which_finding", question, why, facts, [region]).choice(term.name, others)


def _points(region: Region, sheet: FactSheet) -> bool:
    """The box is not the whole picture, and no region of another label has much the same box."""
    x0, y0, x1, y1 = region.box
    wide = (x1 - x0) * (y1 - y0) > WIDEST * sheet.image.width * sheet.image.height
    others = [r for r in sheet.regions if r.label != region.label]
    return (
        can_be_pointed_at(region)
        and not wide
        and all(overlap_of(region.box, r.box) < SAME_BOX for r in others)
    )
