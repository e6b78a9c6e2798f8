"""Which words may stand beside a true one without being true, or silly, themselves."""

from schemas.vocabulary import Finding, findings
from transforms.sheet import FactSheet

LOOK_ALIKE = (
    {"ground-glass opacity", "consolidation", "atelectasis", "lung mass"},
    {"consolidation", "pleural effusion"},
    {"multiple sclerosis lesion", "white matter hyperintensity", "stroke lesion", "brain tumor",
     "brain metastasis", "brain abscess"},
    {"soft-tissue sarcoma", "lipoma", "hematoma", "soft-tissue abscess", "schwannoma",
     "desmoid tumor"},
    {"kidney cyst", "left kidney cyst", "right kidney cyst", "kidney tumor"},
    {"liver cyst", "liver tumor"},
)  # fmt: skip
"""Lesions that nobody tells apart by one picture of one place: history, further series or a biopsy
do. None of a set is a wrong answer where another is the right one."""


def look_alike(a: str, b: str) -> bool:
    """One picture does not tell the two apart."""
    return any(a in names and b in names for names in LOOK_ALIKE)


def ancestors(name: str) -> list[str]:
    """The more general terms of a term, nearest first: "left lung" -> ["lung"]."""
    found: list[str] = []
    term = findings().get(name)
    while term is not None and term.broader and term.broader not in found:
        found.append(term.broader)
        term = findings().get(term.broader)
    return found


def related(a: str, b: str) -> bool:
    """One is the other, or a kind of the other: what is true of one may be true of the other."""
    return a == b or a in ancestors(b) or b in ancestors(a)


def plausible(term: Finding, sheet: FactSheet) -> bool:
    """The term occurs in this body part and shows in this modality."""
    anatomy, modality = sheet.image.anatomy, sheet.image.modality
    here = not term.organs or anatomy is None or anatomy in term.organs
    return here and (not term.modalities or modality in term.modalities)


def rivals(answer: Finding, sheet: FactSheet) -> list[str]:
    """Terms of the answer's semantic type that fit this image and are not true of it.

    Never a term of the image, nor a more general or special one of those; never one that the image has a
    candidate of, which may be there for all that is known; never a term that has
    kinds of its own ("mass"), since that may hold of anything; never one that looks the same. Where
    the type is small, terms of the same kind that name this body part fill up.
    """
    general = {t.broader for t in findings() if t.broader}
    fit = [
        t
        for t in findings()
        if t.kind == answer.kind
        and not t.background
        and t.name not in general
        and plausible(t, sheet)
        and not look_alike(t.name, answer.name)
        and not any(related(t.name, o) for o in {answer.name, *sheet.present, *sheet.possible})
    ]
    same = [t.name for t in fit if t.group == answer.group]
    near = [t.name for t in fit if t.group != answer.group and sheet.image.anatomy in t.organs]
    return same if len(same) >= 3 else [*same, *near]
