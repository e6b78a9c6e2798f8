"""Which body part is shown? Distractors lie well outside any view that shows the true one."""

from schemas.question import Question
from schemas.vocabulary import Organ, findings, modalities, organs
from transforms.questions.draft import FEWEST_OPTIONS, Draft, because, stem
from transforms.questions.modality import HOLLOW
from transforms.sheet import FactSheet
from transforms.words.nouns import ORGAN_LIKE

TRUNK = ("head", "neck", "chest", "abdomen", "pelvis")  # neighbours share fields of view
BROAD = {
    "head", "brain", "neck", "chest", "abdomen", "pelvis", "shoulder", "wrist", "hand", "hip",
    "knee", "ankle", "foot", "upper limb", "lower limb",
}  # fmt: skip
"""Parts that a whole picture may be of; single organs form the other class of options."""
SPECIAL = {"skin", "eye", "specimen", "whole body", "trunk"}  # overlap, or give it away
JOINTS_OF = {
    "shoulder": {"neck", "chest"}, "upper limb": {"neck", "chest", "abdomen", "pelvis"},
    "wrist": {"abdomen", "pelvis"}, "hand": {"abdomen", "pelvis"}, "hip": {"pelvis", "abdomen"},
    "lower limb": {"pelvis"},
}  # fmt: skip
"""Parts of the trunk that a limb may lie beside in the same view: arms at the patient's sides."""
VAGUE = {"soft tissue", "fetus", "spine"}  # overlap with most other parts
UNASKED = SPECIAL | VAGUE
NOT_ON_FILM = {"brain"}  # soft parts that a radiograph or an ultrasound does not show


def ask_anatomy(sheet: FactSheet) -> list[Question]:
    """One question, where the body part is stated and the modality does not give it away."""
    fact = sheet.one(sheet.image.id, "anatomy")
    organ = organs().get(fact.value) if fact is not None else None
    modality = modalities().get(sheet.image.modality)
    given_away = modality is not None and bool(modality.organs)
    if fact is None or organ is None or given_away or {organ.region, organ.name} & UNASKED:
        return []
    touched = _touched(sheet)
    rivals = [o.name for o in organs() if _far(o, organ, sheet) and o.name not in touched]
    if len(rivals) < FEWEST_OPTIONS - 1:
        return []
    why = because("anatomy", part=organ.phrase)
    draft = Draft(sheet, "anatomy", stem(sheet, "anatomy"), why, [fact])
    return [draft.choice(organ.name, rivals)]


def _far(other: Organ, true: Organ, sheet: FactSheet) -> bool:
    """Of the same class, shown by this modality, and outside any view of the true part."""
    if sheet.image.modality == "ES":
        return other.name in HOLLOW and other.name != true.name
    if other.region in SPECIAL or other.region == true.region:
        return False
    if other.name in VAGUE | HOLLOW | {"jaw"}:
        return False
    if (other.name in BROAD) != (true.name in BROAD):
        return False
    if other.name in NOT_ON_FILM and sheet.image.modality not in ("CT", "MR", "PT", "NM"):
        return False
    if true.region in JOINTS_OF.get(other.name, ()) or other.region in JOINTS_OF.get(true.name, ()):
        return False
    if true.name in BROAD and other.region in TRUNK and true.region in TRUNK:
        return abs(TRUNK.index(other.region) - TRUNK.index(true.region)) > 1
    return True


def _touched(sheet: FactSheet) -> set[str]:
    """Body parts that an organ known to be in the image, or proposed in it, belongs to."""
    terms = [findings().get(name) for name in sorted(sheet.present | sheet.possible)]
    known = [t for t in terms if t is not None and t.kind in ORGAN_LIKE]
    return {organ for term in known for organ in term.organs}
