"""Errors that lie in what is shown: another picture, another sheet, a mirrored region, another
image's words.

None of them can be seen by reading words against facts alone, except where ids or facts come to
disagree: they are what a verifier with eyes is for.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from quality.probe.exhibit import Exhibit, Row, exhibit_of
from quality.probe.material import Item
from quality.probe.plant import swapped
from schemas.fact import Fact
from schemas.question import Question
from schemas.region import Region
from schemas.sentence import Sentence
from schemas.vocabulary import findings
from transforms.sheet import FactSheet

Shown = tuple[Row, Exhibit]
MIRROR = {"left": "right", "right": "left"}
BETWEEN = ("left_of", "above", "inside", "overlaps", "adjacent", "distance")
OVERLAP = 0.1  # largest share of a box that its mirror image may cover


def other_picture(item: Item, row: Row, others: Sequence[Item]) -> Iterator[Shown]:
    """The picture of another image of the same modality; words and sheet stay, so they agree."""
    for other in others:
        if _false_of(item, row, other):
            yield row, replace(exhibit_of(item), picture=other.sheet.image.id)


def other_picture_and_sheet(item: Item, row: Row, others: Sequence[Item]) -> Iterator[Shown]:
    """Picture and sheet of another image of the same modality; the words stay and name its ids."""
    if not isinstance(row, Sentence):
        return
    for other in others:
        if _false_of(item, row, other):
            yield _bound_to(other, item, row), exhibit_of(other)


def other_words(item: Item, row: Row, others: Sequence[Item]) -> Iterator[Shown]:
    """A sentence of another image of the same modality in place of the row, on the row's own ids."""
    if not isinstance(row, Sentence):
        return
    for other in others:
        for said in other.sentences:
            if said.attribute == row.attribute and _false_of(other, said, item):
                yield _bound_to(item, other, said), exhibit_of(item)


def mirrored_region(item: Item, row: Row, others: Sequence[Item]) -> Iterator[Shown]:
    """The region moved to its mirror place, in box, mask, facts and words alike: only the picture tells."""
    if not isinstance(row, Sentence) or len(row.region_ids) != 1 or row.passage_ids:
        return
    for region in item.regions_of(row):
        place = _mirrored_words(region.position)
        text = swapped(row.text, f"the {region.position}", f"the {place}")
        told = text is not None and "corners" not in row.text
        if told and place != region.position and _free_to_mirror(item, region):
            sheet = _with_mirrored(item.sheet, region, place)
            yield replace(row, text=str(text)), replace(exhibit_of(item), sheet=sheet)


def _false_of(item: Item, row: Row, other: Item) -> bool:
    """What the row says of its place is known to be false of the other image.

    The row names one region and its place; the other image has such a thing elsewhere only, or is
    known to have none.
    """
    mine, theirs = item.sheet, other.sheet
    same = mine.image.modality == theirs.image.modality and mine.image.id != theirs.image.id
    regions = item.regions_of(row)
    if not same or len(regions) != 1 or row.passage_ids or not _says_place(row, regions[0]):
        return False
    if mine.image.patient_key == theirs.image.patient_key:
        return False
    found = theirs.labelled(regions[0].label)
    if not found:
        return regions[0].label in theirs.absent
    here = set(regions[0].position.split())
    return all(_no_other(r) and not here & set(r.position.split()) for r in found)


def _no_other(region: Region) -> bool:
    """The label is known at all its places: outlined exhaustively, or a thing of one side."""
    term = findings().get(region.label)
    return region.complete or (term is not None and term.side is not None)


def _says_place(row: Row, region: Region) -> bool:
    if isinstance(row, Question):
        return row.question_type == "where_position" and row.answer == region.position
    return f"the {region.position}" in row.text and region.label in row.text


def _bound_to(target: Item, own: Item, row: Sentence) -> Sentence:
    """The row resting on the target's ids: a region of the label if there is one, facts of the kinds."""
    labels = [r.label for r in own.regions_of(row)]
    regions = [r for r in target.sheet.regions if r.label in labels][:1]
    subjects = [r.id for r in regions] or [target.sheet.image.id]
    kinds = {own.sheet.by_id[i].kind for i in row.fact_ids if i in own.sheet.by_id}
    facts = [f for f in target.sheet.facts if f.subject in subjects and f.kind in kinds]
    facts = facts or target.sheet.of_image("modality")
    return replace(row, region_ids=[r.id for r in regions], fact_ids=[f.id for f in facts])


def _mirrored_words(position: str) -> str:
    return " ".join(MIRROR.get(word, word) for word in position.split())


def _free_to_mirror(item: Item, region: Region) -> bool:
    """The mirror place is another place, and nothing of the label lies there."""
    box = _mirrored_box(item.sheet, region)
    if _covered(region.box, box) > OVERLAP or not _no_other(region):
        return False
    return all(
        _covered(r.box, box) == 0 for r in item.sheet.labelled(region.label) if r is not region
    )


def _mirrored_box(sheet: FactSheet, region: Region) -> list[float]:
    x0, y0, x1, y1 = region.box
    return [sheet.image.width - x1, y0, sheet.image.width - x0, y1]


def _covered(box: list[float], other: list[float]) -> float:
    """Share of `box` that `other` covers."""
    width = min(box[2], other[2]) - max(box[0], other[0])
    height = min(box[3], other[3]) - max(box[1], other[1])
    area = (box[2] - box[0]) * (box[3] - box[1])
    return max(0.0, width) * max(0.0, height) / area


def _with_mirrored(sheet: FactSheet, region: Region, place: str) -> FactSheet:
    """The sheet as an annotation tool that mirrors would have made it; what lies between regions goes."""
    moved = replace(
        region, box=_mirrored_box(sheet, region), mask=_mirrored_mask(region), position=place
    )
    regions = [moved if r.id == region.id else r for r in sheet.regions]
    return FactSheet(sheet.image, regions, list(_facts(sheet, region, place)))


def _facts(sheet: FactSheet, region: Region, place: str) -> Iterator[Fact]:
    for fact in sheet.facts:
        if fact.kind in BETWEEN and region.id in (fact.subject, fact.object):
            continue
        if fact.subject == region.id and fact.kind == "position":
            fact = replace(fact, value=place)
        yield fact


def _mirrored_mask(region: Region) -> dict[str, object] | None:
    if region.mask is None:
        return None
    import numpy as np
    from pycocotools import mask as coco

    found = coco.encode(np.asfortranarray(coco.decode(region.mask)[:, ::-1]))
    return {"size": list(found["size"]), "counts": found["counts"].decode("ascii")}
