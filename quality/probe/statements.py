"""True sentences in the probe's own wording, straight from facts: text no generator of ours wrote."""

from collections import Counter
from collections.abc import Iterator

from schemas.fact import Fact
from schemas.ids import pick
from schemas.region import Region
from schemas.sentence import Sentence
from transforms.sheet import FactSheet

_RELATIONS = {
    "left_of": ("As displayed, the {s} sits to the left of the {o}.", "The {o} is to the right of the {s}."),
    "above": ("The {s} is located above the {o} in this picture.", "Below the {s} lies the {o}."),
    "larger_than": ("The {s} is bigger than the {o}.", "The {o} is smaller than the {s}."),
    "inside": ("The {s} lies entirely within the {o}.", "The {o} surrounds the {s}."),
}  # fmt: skip
_QUADRANTS = {"upper left": "left upper", "upper right": "right upper", "lower left": "left lower",
              "lower right": "right lower"}  # fmt: skip


def statements(sheet: FactSheet) -> list[Sentence]:
    """Sentences on regions that are the only ones of their label: relations, places, sizes, looks."""
    number = Counter(map(_name, sheet.regions))
    single = {r.id: r for r in sheet.regions if number[_name(r)] == 1}
    told = [*_relations(sheet, single)]
    for region in single.values():
        told += [*_sized(sheet, region), *_seen(sheet, region)]
    return told


def _name(region: Region) -> str:
    return f"{region.label} candidate" if region.candidate else region.label


def _relations(sheet: FactSheet, single: dict[str, Region]) -> Iterator[Sentence]:
    for fact in sheet.facts:
        frames = _RELATIONS.get(fact.kind)
        if frames and fact.subject in single and fact.object in single:
            turned = pick(2, sheet.image.id, fact.id)
            subject, other = single[fact.subject], single[str(fact.object)]
            text = frames[turned].format(s=_name(subject), o=_name(other))
            order = (
                [other.id, subject.id]
                if text.index(_name(other)) < text.index(_name(subject))
                else [subject.id, other.id]
            )
            yield Sentence(text, "relation", order, [fact.id])


def _sized(sheet: FactSheet, region: Region) -> Iterator[Sentence]:
    """Size and place in one breath, lengths in cm where they are known in mm."""
    axis = sheet.one(region.id, "major_axis")
    if axis is None or axis.number is None:
        return
    said = f"{axis.number / 10:.1f} cm" if axis.unit == "mm" else f"{axis.number:.0f} pixels"
    if axis.unit == "mm" and axis.number < 2:
        return
    place = _QUADRANTS.get(region.position, region.position)
    part = " quadrant" if region.position in _QUADRANTS else ""
    where = f"in the {place}{part} of the picture"
    frames = (f"There is a {_name(region)} {where} measuring {said}.",
              f"Its longest diameter being {said}, the {_name(region)} is found {where}.")  # fmt: skip
    yield _row(frames[pick(2, region.id)], region, [axis, sheet.one(region.id, "position")])


def _seen(sheet: FactSheet, region: Region) -> Iterator[Sentence]:
    look = sheet.one(region.id, "brightness")
    words = {"brighter": "brighter than what surrounds it", "darker": "less bright than its surroundings",
             "similar": "about as bright as its surroundings"}  # fmt: skip
    if look is not None and look.value in words:
        yield _row(f"The {_name(region)} is {words[look.value]}.", region, [look])


def _row(text: str, region: Region, facts: list[Fact | None]) -> Sentence:
    return Sentence(text, "roi_appearance", [region.id], [f.id for f in facts if f is not None])
