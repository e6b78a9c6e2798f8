"""How a stem points at a region: by a name that can mean nothing else, or by its corners."""

from dataclasses import dataclass

from schemas.fact import Fact
from schemas.region import Region
from schemas.vocabulary import findings
from transforms.sheet import FactSheet
from transforms.words.groups import Group, groups_of


@dataclass(frozen=True)
class Named:
    """A region with words for it, and the facts that make the words safe."""

    group: Group
    region: Region
    words: str
    facts: list[Fact]

    @property
    def plural(self) -> bool:
        return self.group.noun.plural_only


def lesions_first(sheet: FactSheet) -> list[Group]:
    """The groups of a sheet, those that make this image unlike others before the organs; nothing is asked
    about what only bounds the picture."""
    return sorted((g for g in groups_of(sheet) if not g.background), key=lambda g: g.organ_like)


def named_regions(sheet: FactSheet) -> list[Named]:
    """Regions that a name alone points at: the only one of its label, and known to be so; no candidate,
    since an image shows nobody what an expert would propose.

    Lesions, devices and cells before organs, which are much the same in every image.
    """
    found = []
    for group in lesions_first(sheet):
        sure = group.organ_like or group.complete is not None
        seen = len(group.regions) == 1 and can_be_pointed_at(group.regions[0])
        seen = seen and not group.candidate
        if seen and group.label in findings() and sure and group.labels:
            facts = [*group.labels, *filter(None, [group.complete])]
            found.append(Named(group, group.regions[0], group.noun.again(), facts))
    return found


SMALLEST_POINTED = 4.0  # pixels: a thinner box points at nothing that can be seen


def can_be_pointed_at(region: Region) -> bool:
    """The box is wide and high enough for someone who is given its corners to see what is in it."""
    x0, y0, x1, y1 = region.box
    return min(x1 - x0, y1 - y0) >= SMALLEST_POINTED


def pointed_regions(sheet: FactSheet) -> list[Named]:
    """Every region whose label the vocabulary knows and that is large enough to point at: by name
    where safe, else by its corners. Candidates are apart: see `pointed_candidates`."""
    by_name = {n.region.id: n for n in named_regions(sheet)}
    return [by_name.get(n.region.id) or n for n in _by_corners(sheet) if not n.group.candidate]


def pointed_candidates(sheet: FactSheet) -> list[Named]:
    """ "the polyp candidate with pixel corners ...": what lies at a place that an expert proposed can be
    measured, whatever it is. Never by a name alone, and never asked whether, how many or what."""
    return [n for n in _by_corners(sheet) if n.group.candidate]


def _by_corners(sheet: FactSheet) -> list[Named]:
    return [
        Named(g, r, f"{g.noun.again()} with {corners(r)}", g.labels_of(r))
        for g in lesions_first(sheet)
        for r in g.regions
        if g.label in findings() and g.labels_of(r) and can_be_pointed_at(r)
    ]


def corners(region: Region) -> str:
    """The box in whole pixels of the released image: "pixel corners (80, 120) and (110, 148)"."""
    x0, y0, x1, y1 = (round(edge) for edge in region.box)
    return f"pixel corners ({x0}, {y0}) and ({x1}, {y1})"
