"""Names made wrong: modality, plane, sequence, organ, finding, appearance, patient, polarity,
passage.
"""

import re
from collections.abc import Iterator
from dataclasses import replace

from quality.probe.material import Item
from quality.probe.plant import kin, known_terms, swapped, with_article
from schemas.sentence import Sentence
from schemas.vocabulary import findings, modalities, organs

PLANES = {"axial": "coronal", "coronal": "sagittal", "sagittal": "axial"}
WEIGHTINGS = {
    "T1-weighted": "T2-weighted",
    "T2-weighted": "T1-weighted",
    "FLAIR": "diffusion-weighted",
}
LOOKS = {"brighter": "darker", "darker": "brighter", "homogeneous": "heterogeneous",
         "heterogeneous": "homogeneous", "smooth": "irregular", "irregular": "smooth", "round": "elongated",
         "oval": "elongated", "elongated": "round", "similar in brightness": "brighter"}  # fmt: skip
_TWISTS = ((" is not ", " is "), (" does not ", " does "), (" is ", " is not "), (" has ", " has never "),
           (" begin ", " never begin "), (" most ", " some "))  # fmt: skip
PEOPLE = {
    "woman": "man",
    "man": "woman",
    "girl": "boy",
    "boy": "girl",
    "female": "male",
    "male": "female",
}


def other_modality(item: Item, row: Sentence) -> Iterator[Sentence]:
    """A modality of another family in place of the true one, every name of it replaced."""
    own = modalities().get(item.sheet.image.modality)
    if own is None or row.passage_ids:
        return
    names = sorted({own.title, *own.synonyms}, key=lambda n: (-len(n), n))
    pattern = re.compile(
        rf"\b(?:{'|'.join(map(re.escape, names))})\b(?: \({re.escape(own.name)}\))?", re.I
    )
    for other in modalities():
        if other.family not in (own.family, "other") and pattern.search(row.text):
            yield replace(row, text=with_article(pattern.sub(other.title, row.text)))


def other_plane(item: Item, row: Sentence) -> Iterator[Sentence]:
    """Another plane, or another weighting of the MR signal."""
    for old, new in (*PLANES.items(), *WEIGHTINGS.items()):
        text = swapped(row.text, old, new)
        if text is not None and not row.passage_ids:
            yield replace(row, text=with_article(text))


def other_organ(item: Item, row: Sentence) -> Iterator[Sentence]:
    """A body part that is neither shown, nor outlined, nor near the one shown."""
    own = organs().get(item.sheet.image.anatomy)
    if own is None or row.attribute not in ("anatomy", "modality"):
        return
    taken = {up for label in item.sheet.present | item.sheet.possible for up in kin(label)}
    taken |= {own.region}
    for other in organs():
        free = other.name not in taken and other.region != own.region and other.region not in taken
        text = swapped(row.text, own.phrase, other.phrase)
        if text is not None and free and other.region != "whole body" and own.name != other.region:
            yield replace(row, text=text)


def other_finding(item: Item, row: Sentence) -> Iterator[Sentence]:
    """A finding of the same kind that no fact carries, in place of the region's own."""
    taken = {up for label in known_terms(item) for up in kin(label)}
    for label in sorted({r.label for r in item.regions_of(row)}):
        own = findings().get(label)
        if own is None or row.passage_ids:
            continue
        for other in findings():
            if other.kind == own.kind and other.name not in taken and not kin(other.name) & taken:
                plural = swapped(row.text, own.many(), other.many())
                text = plural or swapped(row.text, own.name, other.name)
                if text is not None:
                    yield replace(row, text=with_article(text))


def dropped_candidate(item: Item, row: Sentence) -> Iterator[Sentence]:
    """The word "candidate" left out: what is only proposed is stated."""
    if row.passage_ids:
        return
    text = row.text
    for label in sorted({r.label for r in item.regions_of(row) if r.candidate}):
        term = findings().get(label)
        many = term.many() if term is not None else f"{label}s"
        stuff = rf"\bcandidate ((?:areas of )?{re.escape((term and term.said) or label)})\b"
        text = re.sub(stuff, r"\1", text, flags=re.IGNORECASE)
        text = re.sub(rf"\b{re.escape(label)} candidates\b", many, text, flags=re.IGNORECASE)
        text = re.sub(rf"\b({re.escape(label)}) candidate\b", r"\1", text, flags=re.IGNORECASE)
    if text != row.text:
        yield replace(row, text=text[:1].upper() + text[1:])


def other_look(item: Item, row: Sentence) -> Iterator[Sentence]:
    """The opposite appearance of a single region."""
    if len(row.region_ids) != 1 or row.attribute != "roi_appearance":
        return
    for old, new in LOOKS.items():
        text = swapped(row.text, old, new)
        if text is not None:
            yield replace(row, text=with_article(text))


def other_patient(item: Item, row: Sentence) -> Iterator[Sentence]:
    """Another sex, or an age twenty years off."""
    if row.passage_ids:
        return
    for old, new in PEOPLE.items():
        text = swapped(row.text, old, new)
        if text is not None:
            yield replace(row, text=text)
    found = re.search(r"\b(\d+)-year-old", row.text)
    if found:
        older = str(int(found.group(1)) + 20)
        yield replace(row, text=row.text[: found.start(1)] + older + row.text[found.end(1) :])


def turned_polarity(item: Item, row: Sentence) -> Iterator[Sentence]:
    """What is there denied, or what is absent stated."""
    if row.passage_ids:
        return
    for old, new in (("shows no", "shows"), ("finds no", "finds"), ("There is reportedly no", "There is reportedly"),
                     ("free of", "showing"), ("No evidence of", "Evidence of")):  # fmt: skip
        text = swapped(row.text, old, new)
        if text is not None:
            yield replace(row, text=text)
            return
    named = sorted({r.label for r in item.regions_of(row)} | set(item.sheet.image.labels))
    for label in named:
        for article in ("a", "an", "the"):
            text = swapped(row.text, f"{article} {label}", f"no {label}")
            if text is not None and row.attribute == "roi_position" and len(named) == 1:
                yield replace(row, text=text)


def added_finding(item: Item, row: Sentence) -> Iterator[Sentence]:
    """A finding that no fact carries, added to a true sentence."""
    taken = {up for label in known_terms(item) for up in kin(label)}
    if row.attribute != "roi_position" or not row.text.endswith("."):
        return
    for other in findings():
        if (
            other.kind in ("lesion", "sign")
            and other.name not in taken
            and not kin(other.name) & taken
        ):
            yield replace(row, text=f"{row.text[:-1]}, with {other.name}.")


def altered_passage(item: Item, row: Sentence) -> Iterator[Sentence]:
    """A quotation with a "not" put in or taken out, or a word left out."""
    start = row.text.find('"')
    if not row.passage_ids or start < 0:
        return
    own, quoted = row.text[:start], row.text[start:]
    for old, new in _TWISTS:
        if old in quoted:
            yield replace(row, text=own + quoted.replace(old, new, 1))
