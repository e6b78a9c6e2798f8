"""Regions of one label, told together: how many, where, how large, and what is known to be all.

Candidates of a label are a group of their own.
"""

from collections import Counter
from dataclasses import dataclass
from functools import cached_property

from schemas.fact import Fact
from schemas.region import POSITIONS, Region
from schemas.vocabulary import findings
from transforms.sheet import FactSheet
from transforms.words.nouns import ORGAN_LIKE, Noun, noun_of

_ORDER = {
    "organ": 0,
    "structure": 0,
    "tissue": 0,
    "disease": 2,
    "device": 3,
    "cell": 4,
    "artifact": 6,
}


@dataclass(eq=False)
class Group:
    """The regions of one label in one image, the largest first; all candidates, or none."""

    sheet: FactSheet
    label: str
    kind: str
    regions: list[Region]
    candidate: bool = False

    @cached_property
    def noun(self) -> Noun:
        return noun_of(self.label, self.candidate)

    @cached_property
    def automatic(self) -> bool:
        """Experts found all of them."""
        return not any(r.annotated for r in self.regions)

    @property
    def background(self) -> bool:
        """It bounds all there is to see. That a thing lies in it, touches it, or is smaller, goes without
        saying, as does where it lies; it looks like nothing."""
        term = findings().get(self.label)
        return term is not None and term.background

    @property
    def diffuse(self) -> bool:
        """Stuff all over the picture that an expert outlined as one: it lies nowhere in particular."""
        return self.automatic and self.noun.mass

    @property
    def whole(self) -> bool:
        """An expert's outline of the body part shown, in which all lies and which looks like it does."""
        return self.automatic and self.label == self.sheet.image.anatomy

    @cached_property
    def outlined(self) -> str:
        """What was done to them: outlined, or of boxes marked."""
        return "outlined" if all(r.mask is not None for r in self.regions) else "marked"

    @property
    def organ_like(self) -> bool:
        """An organ, structure or tissue: part of the body's plan, found in everyone."""
        return self.kind in ORGAN_LIKE

    @property
    def several(self) -> bool:
        """Verbs on this group are plural."""
        return len(self.regions) > 1 or self.noun.plural_only

    def name(self) -> str:
        """At a later mention: "the mass", "the masses"; "the kidney" where there is one."""
        return f"the {self.noun.many if len(self.regions) > 1 else self.noun.one}"

    @cached_property
    def complete(self) -> Fact | None:
        """The fact that every one of these in the image is known. An expert knows of none."""
        if not all(r.annotated for r in self.regions):
            return None
        return next((f for f in self.sheet.of_image("complete") if f.value == self.label), None)

    @cached_property
    def count(self) -> Fact | None:
        """The count, where it is of all there are and agrees with the regions; else None."""
        found = next((f for f in self.sheet.of_image("count") if f.value == self.label), None)
        true = found is not None and self.complete and found.number == len(self.regions)
        return found if true and self.noun.countable else None

    def each(self, kind: str) -> list[Fact]:
        """One fact of `kind` on every region, in region order; empty unless all have one."""
        found = self.some(kind)
        return found if len(found) == len(self.regions) else []

    def some(self, kind: str) -> list[Fact]:
        """One fact of `kind` on those regions that have one, in region order."""
        found = [self.sheet.one(r.id, kind) for r in self.regions]
        return [f for f in found if f is not None]

    @property
    def labels(self) -> list[Fact]:
        """The facts that say what these regions are."""
        return [f for r in self.regions for f in self.labels_of(r)]

    def labels_of(self, region: Region) -> list[Fact]:
        """The facts that say what one of them is."""
        return self.sheet.about(region.id, "label")

    def places(self) -> list[tuple[str, int]]:
        """Positions and how many regions lie there, most first, ties in reading order."""
        counts = Counter(f.value for f in self.some("position"))
        return sorted(((p, counts[p]) for p in POSITIONS if counts[p]), key=lambda pair: -pair[1])


def groups_of(sheet: FactSheet) -> list[Group]:
    """All groups: organs first, then lesions, devices, cells; the larger first within a kind.

    A region of which no fact says what it is belongs to none: there is no word for it. Nor does one that
    only outlines anew what a source boxed: it would be told twice.
    """
    named = [r for r in sheet.regions if sheet.about(r.id, "label") and r.id not in sheet.refined]
    groups = [
        _group(sheet, label, candidate, [r for r in named if (r.label, r.candidate) == key])
        for key in dict.fromkeys((r.label, r.candidate) for r in named)
        for label, candidate in [key]
    ]
    return sorted(groups, key=_rank)


def _rank(group: Group) -> tuple[int, float, str, bool]:
    return (
        _ORDER.get(group.kind, 1), -_area(group.regions[0]), group.label, group.candidate
    )  # fmt: skip


def _group(sheet: FactSheet, label: str, candidate: bool, regions: list[Region]) -> Group:
    term = findings().get(label)
    by_size = sorted(regions, key=lambda r: (-_area(r), r.id))
    return Group(sheet, label, term.kind if term else regions[0].kind, by_size, candidate)


def _area(region: Region) -> float:
    return region.area_fraction
