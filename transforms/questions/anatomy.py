"""Which body part is shown? Distractors lie well outside any field of view that shows the true one."""

from schemas.question import Question
from schemas.vocabulary import Organ, findings, modalities, organs
from transforms.questions.draft import FEWEST_OPTIONS, Draft, because, stem
from transforms.sheet import FactSheet

TRUNK = ("head", "neck", "chest", "abdomen", "pelvis")  # neighbours share fields of view
SPECIAL = {"skin", "eye", "specimen"}  # shown by modalities of their own
WIDE = {"trunk", "whole body", "spine", "soft tissue", "fetus"}  # overlap with most others


def ask_anatomy(sheet: FactSheet) -> list[Question]:
    """One question, where the body part is stated and the modality does not give it away."""
    fact = sheet.one(sheet.image.id, "anatomy")
    organ = organs().get(fact.value) if fact is not None else None
    if fact is None or organ is None or organ.name in WIDE or organ.region in SPECIAL:
        return []
    modality = modalities().get(sheet.image.modality)
    rivals = [o.name for o in organs() if _far(o, organ) and o.name not in _touched(sheet)]
    if (modality is not None and modality.organs) or len(rivals) < FEWEST_OPTIONS - 1:
        return []
    why = because("anatomy", part=organ.phrase)
    return [Draft(sheet, "anatomy", stem(sheet, "anatomy"), why, [fact]).choice(organ.name, rivals)]


def _far(other: Organ, true: Organ) -> bool:
    """Not the same part, nor a neighbour that the same picture may show in part."""
    if other.name in WIDE or other.region in SPECIAL or other.region == true.region:
        return False
    if other.region in TRUNK and true.region in TRUNK:
        return abs(TRUNK.index(other.region) - TRUNK.index(true.region)) > 1
    return other.name != "shoulder" and true.name != "shoulder"


def _touched(sheet: FactSheet) -> set[str]:
    """Body parts that something known to be in the image belongs to."""
    terms = [findings().get(name) for name in sorted(sheet.present)]
    return {organ for term in terms if term is not None for organ in term.organs}
