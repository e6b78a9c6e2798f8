"""Stands in for a model that describes: true sentences from the facts of the prompt, each with its short names."""

import re
from collections.abc import Iterator
from typing import Any

from tests.fakes.sheet import Known, Line, Sheet, Thing

MOST = 7
_NO_ARTICLE = re.compile(r"^this is an? ")
_LESIONS_FIRST = re.compile(
    r"\b(?:lung|heart|liver|kidney|spleen|aorta|disc|vessels?|cell|nucleus|tube)s?\b"
)

Row = dict[str, Any]


def description(known: Known) -> list[Row]:
    """True sentences on the first image, in the order of the attributes."""
    if not known.sheets:
        return []
    sheet = known.sheets[0]
    things = sorted(distinct(sheet), key=lambda t: bool(_LESIONS_FIRST.search(t.noun)))[:2]
    rows = [*_modality(sheet), *_anatomy(sheet)]
    rows += [row for thing in things for row in _position(thing)]
    rows += [row for thing in things for row in _appearance(thing)]
    rows += [row for thing in things for row in _relation(thing, sheet)]
    return rows[:MOST] + list(_knowledge(known))


def distinct(sheet: Sheet) -> list[Thing]:
    """Regions that their name alone points out."""
    names = [t.noun for t in sheet.things]
    return [t for t in sheet.things if names.count(t.noun) == 1]


def row(text: str, attribute: str, facts: list[Line | str], regions: list[Thing]) -> Row:
    return {
        "text": text,
        "attribute": attribute,
        "facts": [f if isinstance(f, str) else f.alias for f in facts if f],
        "regions": [t.alias for t in regions],
        "passages": [],
    }


def _modality(sheet: Sheet) -> Iterator[Row]:
    kind = sheet.fact(r"^this is an? ")
    if kind is None:
        return
    plane = sheet.fact(r"^the plane is (axial|coronal|sagittal)$")
    words = _NO_ARTICLE.sub("", kind.text)
    if plane is not None:
        words = f"{plane.text.split()[-1]} {words}"
    yield row(
        f"This is {article(words)} {words}.", "modality", [kind, *([plane] if plane else [])], []
    )


def _anatomy(sheet: Sheet) -> Iterator[Row]:
    part = sheet.fact(r"^the picture shows ")
    for doubt in sheet.doubts:
        yield row(doubt, "anatomy", sheet.facts[:1], [])
    if part is not None:
        yield row(f"{part.text[0].upper()}{part.text[1:]}.", "anatomy", [part], [])


def _position(thing: Thing) -> Iterator[Row]:
    place = thing.fact(r"^lies in the .* of the image$")
    if place is None:
        return
    long, short = thing.fact("^longest diameter "), thing.fact("^short axis ")
    where = place.text.removeprefix("lies ")
    subject, facts = thing.name, [thing.said, place]
    if long and short:
        number, unit = long.text.removeprefix("longest diameter ").split(" ", 1)
        other = short.text.removeprefix("short axis ").split(" ", 1)[0]
        subject += f" measuring {number} x {other} {unit}"
        facts += [long, short]
    text = f"{subject[0].upper()}{subject[1:]} {be(thing)} seen {where}."
    yield row(text, "roi_position", facts, [thing])


def _appearance(thing: Thing) -> Iterator[Row]:
    bright = thing.fact(r"than its immediate surroundings$|^similar in brightness")
    outline, shape = thing.fact(" outline$"), thing.fact(" shape$")
    looks = [f for f in (outline, shape) if f]
    if bright is None and not looks:
        return
    words = bright.text if bright else ""
    if be(thing) == "are":
        words = words.replace(" its ", " their ")
    parts = [f"{be(thing)} {words}"] if bright else []
    if looks:
        parts.append("has " + " and ".join(f"{article(f.text)} {f.text}" for f in looks))
    facts = [thing.said, *([bright] if bright else []), *looks]
    yield row(f"The {thing.noun} {' and '.join(parts)}.", "roi_appearance", facts, [thing])


def _relation(thing: Thing, sheet: Sheet) -> Iterator[Row]:
    found = thing.fact(r"^lies inside (?:I\d+)?R\d+$")
    whole = thing.fact(r"^covers .* of the image$")
    if found is not None:
        other = next((t for t in distinct(sheet) if t.alias == found.text.split()[-1]), None)
        if other is not None:
            text = f"The {thing.noun} lies inside the {other.noun}."
            yield row(text, "relation", [found], [thing, other])
            return
    if whole is not None and be(thing) == "is":
        yield row(f"The {thing.noun} {whole.text}.", "relation", [thing.said, whole], [thing])


def _knowledge(known: Known) -> Iterator[Row]:
    """A whole sentence of a passage on a region's label or a finding, quoted."""
    sheet = known.sheets[0]
    for alias, title, text in known.passages:
        thing = next((t for t in sheet.things if title and title.lower() == t.noun.lower()), None)
        fact = (
            thing.said
            if thing
            else next((f.alias for f in sheet.facts if title and f.text.endswith(title)), "")
        )
        first = re.match(r"[A-Z][^\"“”]{20,250}?[a-z]\.(?= |$)", text)
        if fact and first:
            said = row(
                f'Background on {title}: "{first[0]}"',
                "knowledge",
                [fact],
                [thing] if thing else [],
            )
            yield {**said, "passages": [alias]}
            return


def be(thing: Thing) -> str:
    return (
        "are"
        if re.search(r"(?<!s)s$", thing.noun) and not thing.name.startswith(("a ", "an "))
        else "is"
    )


def article(words: str) -> str:
    return "an" if re.match(r"(?:[aeio]|ultras|MRI|X)", words) else "a"
