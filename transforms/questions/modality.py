"""By which modality was the image made? Distractors look different: of other families, or a pair of
one family that nobody mixes up."""

from schemas.ids import pick
from schemas.question import Question
from schemas.vocabulary import Modality, Organ, modalities, organs
from transforms.questions.draft import FEWEST_OPTIONS, Draft, because, stem
from transforms.sheet import FactSheet
from transforms.words.modality import LOCALIZER

HOLLOW = {"colon", "stomach", "esophagus", "small bowel"}  # what an endoscope is put into
UNSAID = {"other", "planning"}  # families that no reader would name from pixels
BODY = {"cross-section", "nuclear", "projection", "ultrasound"}  # families that look inside
UNLIKE = {
    "CT": ("MR",), "MR": ("CT",), "GM-BF": ("GM-FL",), "GM-FL": ("GM-BF",),
    "OP": ("OPT", "OPT-A"), "OPT": ("OP",), "OPT-A": ("OP",),
}  # fmt: skip
"""Modalities of one family that look nothing like one another: the hard wrong answers."""


def ask_modality(sheet: FactSheet) -> list[Question]:
    """One question, where a fact states the modality."""
    fact = sheet.one(sheet.image.id, "modality")
    term = modalities().get(fact.value) if fact is not None else None
    if term is None or term.family in UNSAID or LOCALIZER in sheet.image.flags:
        return []
    rivals = _rivals(term, sheet)
    if len(rivals) < FEWEST_OPTIONS - 1:
        return []
    draft = Draft(
        sheet, "modality", stem(sheet, "modality"), because("modality", title=term.title), [fact]
    )
    return [draft.choice(term.title, rivals, most=FEWEST_OPTIONS)]


def _rivals(term: Modality, sheet: FactSheet) -> list[str]:
    """One unlike of its own family, one of each other family that is used on this body part; of
    further families only where these are too few."""
    organ = organs().get(sheet.image.anatomy)
    by_family: dict[str, list[str]] = {}
    for other in modalities():
        if other.family not in UNSAID | {term.family} and _shows(other, organ):
            by_family.setdefault(other.family, []).append(other.title)
    near = [f for f in by_family if _usual(f, organ, term.family)]
    far = [f for f in by_family if f not in near]
    image = sheet.image.id
    found = [modalities().get(code) for code in UNLIKE.get(term.name, ())]
    kin = [m.title for m in found if m is not None]
    chosen = kin[pick(len(kin), image, "modality", term.family) :][:1] if kin else []
    kept = [*near, *far][: max(len(near), FEWEST_OPTIONS - 1 - len(chosen))]
    return chosen + [by_family[f][pick(len(by_family[f]), image, "modality", f)] for f in kept]


def _shows(modality: Modality, organ: Organ | None) -> bool:
    return not modality.organs or (organ is not None and organ.name in modality.organs)


def _usual(family: str, organ: Organ | None, true: str) -> bool:
    """Cameras look at surfaces, microscopes at specimens; all else looks inside.

    Where no body part is stated, what looks inside is told from what else does.
    """
    if organ is None:
        return true not in BODY or family in BODY
    if family == "optical":
        return organ.region in ("skin", "eye") or organ.name in HOLLOW
    if family == "microscopy":
        return organ.region in ("specimen", "skin")
    return organ.region != "specimen"
