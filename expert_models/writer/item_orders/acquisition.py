"""Multiple choice on how the image was made: modality, MR sequence, stain."""

from expert_models.writer.items_order import OPTIONS, ItemOrder
from schemas.ids import digest, pick
from schemas.vocabulary import Modality, Organ, modalities, organs
from transforms.questions.draft import because, stem
from transforms.questions.modality import BODY, UNLIKE, UNSAID
from transforms.sheet import FactSheet
from transforms.showing.view import View
from transforms.words.modality import LOCALIZER, SEQUENCES

MOST_WRONG = 7
WEIGHTINGS = ("T1", "T2", "T1 post-contrast", "FLAIR", "PD", "DWI", "ADC", "SWI")
ALIKE = (
    {"T1", "T1 post-contrast"}, {"T2", "FLAIR", "PD"}, {"T2", "DWI"}, {"DAPI", "Hoechst"},
)  # fmt: skip
"""Weightings that are a kind of one another, or that a reader could defend beside one another; dyes
that shine in one color."""
STAINS = ("H&E", "Giemsa", "PAS", "DAPI", "Hoechst")
STAINS_IN_FULL = {"PAS": "periodic acid-Schiff"}
EXAMPLES = {
    "sequence": "Which MR sequence was used for this image?",
    "stain": "Which stain was used for this image?",
}


def modality_orders(view: View) -> list[ItemOrder]:
    """At most one order each on modality, sequence and stain."""
    sheet = view.sheet
    made = [
        _modality(sheet),
        _of_list(sheet, "sequence", WEIGHTINGS),
        _of_list(sheet, "stain", STAINS),
    ]
    return [order for order in made if order is not None]


def _modality(sheet: FactSheet) -> ItemOrder | None:
    fact = sheet.one(sheet.image.id, "modality")
    term = modalities().get(fact.value) if fact is not None else None
    if fact is None or term is None or term.family in UNSAID or LOCALIZER in sheet.image.flags:
        return None
    return ItemOrder(
        "choice", "modality", "modality", (fact,), archetype="modality", key=term.title,
        wrong=tuple(unlike(term, sheet)), example=stem(sheet, "modality"),
        why=because("modality", title=term.title),
    )  # fmt: skip


def unlike(term: Modality, sheet: FactSheet) -> list[str]:
    """Titles of modalities that look unlike this one: of each other family one and its unlike kin.

    Those that look into the body, as this one does (or does not), come first.
    """
    organ = organs().get(sheet.image.anatomy)
    families: dict[str, list[Modality]] = {}
    for other in modalities():
        if other.family not in UNSAID | {term.family} and _shows(other, organ):
            families.setdefault(other.family, []).append(other)
    inside = term.family in BODY
    order = sorted(
        families, key=lambda f: ((f in BODY) != inside, digest("item modality", sheet.image.id, f))
    )
    chosen = _known(UNLIKE.get(term.name, ()), organ)[:1]
    for family in order:
        members = families[family]
        first = members[pick(len(members), sheet.image.id, "item modality", family)]
        chosen += [first, *_known(UNLIKE.get(first.name, ()), organ)[:1]]
    return [m.title for m in chosen][:MOST_WRONG]


def _known(codes: tuple[str, ...], organ: Organ | None) -> list[Modality]:
    found = [modalities().get(code) for code in codes]
    return [m for m in found if m is not None and _shows(m, organ)]


def _shows(modality: Modality, organ: Organ | None) -> bool:
    return not modality.organs or (organ is not None and organ.name in modality.organs)


def _of_list(sheet: FactSheet, kind: str, values: tuple[str, ...]) -> ItemOrder | None:
    fact = sheet.one(sheet.image.id, kind)
    if fact is None or fact.value not in values:
        return None
    wrong = tuple(v for v in values if v != fact.value and not _alike(v, fact.value))
    if len(wrong) < OPTIONS - 1:
        return None
    return ItemOrder(
        "choice", "modality", kind, (fact,), archetype="modality", key=_spoken(fact.value),
        wrong=tuple(_spoken(v) for v in wrong), example=EXAMPLES[kind],
    )  # fmt: skip


def _spoken(value: str) -> str:
    """As readers of text know it."""
    return SEQUENCES.get(value) or STAINS_IN_FULL.get(value, value)


def _alike(a: str, b: str) -> bool:
    return any(a in names and b in names for names in ALIKE)
