"""Places made wrong: side of the patient, position in the image, direction of a relation, the
region.
"""

import re
from collections.abc import Iterator
from dataclasses import replace

from quality.probe.material import Item
from quality.probe.plant import kin, swapped
from schemas.region import POSITIONS
from schemas.sentence import Sentence

OTHER = {"left": "right", "right": "left"}
TURNS = (
    ("to the left of", "to the right of"), ("to the right of", "to the left of"),
    ("left of", "right of"), ("right of", "left of"), ("above", "below"), ("below", "above"),
    ("higher", "lower"), ("lower", "higher"), ("larger than", "smaller than"),
)  # fmt: skip
TURNED = {"left": "left_of", "right": "left_of", "above": "above", "below": "above", "higher": "above",
          "lower": "above", "larger": "larger_than"}  # fmt: skip
_SYMMETRIC = re.compile(
    r"overlap|touch|contact|apart|distance|gap|border|abut|next to|away|within \d|share|coincide|neighbor",
    re.I,
)


def other_side(item: Item, row: Sentence) -> Iterator[Sentence]:
    """Left and right of the patient exchanged; not where the row's regions lie on both sides."""
    sides = {r.side for r in item.regions_of(row)} & {"left", "right"}
    image = {f.value for f in item.sheet.of_image("image_side")}
    known = {str(s) for s in sides | image}
    if len(known) != 1:
        return
    side = known.pop()
    for pattern in (rf"(?<=patient's ){side}\b", rf"\b{side}(?= (?:{_paired(item)})\b)"):
        if re.search(pattern, row.text):
            yield replace(row, text=re.sub(pattern, OTHER[side], row.text))


def _paired(item: Item) -> str:
    return re.escape(item.sheet.image.anatomy or "breast")


def other_position(item: Item, row: Sentence) -> Iterator[Sentence]:
    """A place of the 3 x 3 grid replaced by one in which none of the row's regions lies."""
    if not row.region_ids or row.passage_ids:
        return
    here = {r.position for r in item.regions_of(row)}
    for place in sorted(here, key=len, reverse=True):
        for wrong in POSITIONS:
            shares = any(set(wrong.split()) & set(p.split()) for p in here)
            text = swapped(row.text, f"the {place}", f"the {wrong}")
            if (
                text is not None
                and wrong not in here
                and not (shares and "center" in (wrong, place))
            ):
                yield replace(row, text=text)


def turned_relation(item: Item, row: Sentence) -> Iterator[Sentence]:
    """The direction turned, or subject and object exchanged, of a relation that has a direction."""
    regions = item.regions_of(row)
    if row.attribute != "relation" or len({r.label for r in regions}) != 2:
        return
    kinds = {
        f.kind
        for f in item.sheet.facts
        if f.subject in row.region_ids and f.object in row.region_ids
    }
    for old, new in TURNS:
        word = next(w for w in TURNED if w in old)
        text = swapped(row.text, old, new)
        if text is not None and TURNED[word] in kinds:
            yield replace(row, text=text)
            return
    one, two = sorted({r.label for r in regions})
    if (
        not _SYMMETRIC.search(row.text)
        and len(regions) == 2
        and one not in two
        and two not in one
        and "inside" in kinds
    ):
        text = swapped(row.text, one, "\0")
        text = swapped(text, two, one) if text else None
        if text:
            yield replace(row, text=text.replace("\0", two))


def other_region(item: Item, row: Sentence) -> Iterator[Sentence]:
    """The id of another region, of which the text is not true: another label, or another place
    named.
    """
    regions = item.regions_of(row)
    if (
        len(regions) != 1
        or row.passage_ids
        or row.attribute not in ("roi_position", "roi_appearance")
    ):
        return
    own = regions[0]
    for other in item.sheet.regions:
        named = own.label in row.text and other.label not in kin(own.label)
        placed = re.search(rf"\b{own.position}\b", row.text) and other.position != own.position
        if (other.id != own.id and (named or placed) and other.label not in row.text) or (
            other.id != own.id and placed and other.label == own.label
        ):
            yield replace(row, region_ids=[other.id])
