"""In which plane does the slice lie, or by which projection was the radiograph taken?"""

from schemas.question import Question
from transforms.questions.draft import FEWEST_OPTIONS, Draft, because, stem
from transforms.sheet import FactSheet
from transforms.words.modality import VIEWS

PLANES = ("axial", "coronal", "sagittal", "curved planar")
OBLIQUE = "oblique"  # flag of a slice that lies askew to the plane it is nearest to
PROJECTIONS = {
    "chest": ("PA", "AP", "lateral", "lordotic"),
    "breast": ("CC", "MLO", "ML", "LM"),
}
"""Projections of one body part, each unlike the others; one that is a case of another stays out."""


def ask_plane(sheet: FactSheet) -> list[Question]:
    """One question on the plane of a slice, or on the projection of a radiograph."""
    return _ask_slice(sheet) or _ask_projection(sheet)


def _ask_slice(sheet: FactSheet) -> list[Question]:
    fact = sheet.one(sheet.image.id, "plane")
    if fact is None or fact.value not in PLANES[:3] or OBLIQUE in sheet.image.flags:
        return []
    others = [p for p in PLANES if p != fact.value]
    why = because("plane", plane=str(fact.value))
    return [Draft(sheet, "plane", stem(sheet, "plane"), why, [fact]).choice(fact.value, others)]


def _ask_projection(sheet: FactSheet) -> list[Question]:
    fact = sheet.one(sheet.image.id, "view")
    known = PROJECTIONS.get(sheet.image.anatomy or "", ())
    if fact is None or fact.value not in known or fact.value not in VIEWS:
        return []
    names = {code: VIEWS[code].removesuffix(" projection") for code in known}
    others = [names[code] for code in known if code != fact.value]
    why = because("projection", projection=names[fact.value])
    draft = Draft(sheet, "plane", stem(sheet, "projection"), why, [fact])
    return [draft.choice(names[fact.value], others, most=FEWEST_OPTIONS)]
