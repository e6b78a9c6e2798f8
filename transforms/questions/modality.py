"""By which modality was the image made? Distractors are of other families: they look different."""

from schemas.question import Question
from schemas.vocabulary import Modality, modalities
from transforms.questions.draft import FEWEST_OPTIONS, Draft, because, stem
from transforms.sheet import FactSheet

UNSAID = {"other", "planning"}  # families that no reader would name from pixels


def ask_modality(sheet: FactSheet) -> list[Question]:
    """One question, where a fact states the modality."""
    fact = sheet.one(sheet.image.id, "modality")
    term = modalities().get(fact.value) if fact is not None else None
    if term is None or term.family in UNSAID:
        return []
    rivals = _rivals(term, sheet.image.anatomy)
    if len(rivals) < FEWEST_OPTIONS - 1:
        return []
    draft = Draft(
        sheet, "modality", stem(sheet, "modality"), because("modality", title=term.title), [fact]
    )
    return [draft.choice(term.title, rivals, most=FEWEST_OPTIONS)]


def _rivals(term: Modality, anatomy: str | None) -> list[str]:
    """The first modality of each other family that shows this body part."""
    first: dict[str, str] = {}
    for other in modalities():
        shows = not other.organs or anatomy in other.organs
        if other.family not in UNSAID | {term.family} and shows:
            first.setdefault(other.family, other.title)
    return list(first.values())
