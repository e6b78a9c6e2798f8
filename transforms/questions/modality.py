"""By which modality was the image made? Distractors are of other families: they look different."""

from schemas.ids import pick
from schemas.question import Question
from schemas.vocabulary import Modality, Organ, modalities, organs
from transforms.questions.draft import FEWEST_OPTIONS, Draft, because, stem
from transforms.sheet import FactSheet

HOLLOW = {"colon", "stomach", "esophagus", "small bowel"}  # what an endoscope is put into
UNSAID = {"other", "planning"}  # families that no reader would name from pixels


def ask_modality(sheet: FactSheet) -> list[Question]:
    """One question, where a fact states the modality."""
    fact = sheet.one(sheet.image.id, "modality")
    term = modalities().get(fact.value) if fact is not None else None
    if term is None or term.family in UNSAID:
        return []
    rivals = _rivals(term, sheet)
    if len(rivals) < FEWEST_OPTIONS - 1:
        return []
    draft = Draft(
        sheet, "modality", stem(sheet, "modality"), because("modality", title=term.title), [fact]
    )
    return [draft.choice(term.title, rivals, most=FEWEST_OPTIONS)]


def _rivals(term: Modality, sheet: FactSheet) -> list[str]:
    """One modality of each other family, those that show this body part before the rest."""
    organ = organs().get(sheet.image.anatomy)
    by_family: dict[str, list[str]] = {}
    for other in modalities():
        if other.family not in UNSAID | {term.family} and _shows(other, organ):
            by_family.setdefault(other.family, []).append(other.title)
    near = [f for f in by_family if organ is None or _usual(f, organ)]
    far = [f for f in by_family if f not in near]
    kept = [*near, *far][: max(len(near), FEWEST_OPTIONS - 1)]
    image = sheet.image.id
    return [by_family[f][pick(len(by_family[f]), image, "modality", f)] for f in kept]


def _shows(modality: Modality, organ: Organ | None) -> bool:
    return not modality.organs or (organ is not None and organ.name in modality.organs)


def _usual(family: str, organ: Organ) -> bool:
    """Cameras look at surfaces, microscopes at specimens; all else looks inside."""
    if family == "optical":
        return organ.region in ("skin", "eye") or organ.name in HOLLOW
    if family == "microscopy":
        return organ.region in ("specimen", "skin")
    return organ.region != "specimen"
