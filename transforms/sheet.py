"""The fact sheet: all that is known of one image, indexed for whoever writes or checks words."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import cached_property

from schemas.fact import Fact
from schemas.image import Image
from schemas.region import Region


@dataclass
class FactSheet:
    """One image, its regions, and every fact on either. Read only."""

    image: Image
    regions: list[Region]
    facts: list[Fact]

    @cached_property
    def by_id(self) -> dict[str, Fact]:
        return {f.id: f for f in self.facts}

    @cached_property
    def region(self) -> dict[str, Region]:
        return {r.id: r for r in self.regions}

    @cached_property
    def _by_subject_kind(self) -> dict[tuple[str, str], list[Fact]]:
        index: dict[tuple[str, str], list[Fact]] = {}
        for f in self.facts:
            index.setdefault((f.subject, f.kind), []).append(f)
        return index

    def about(self, subject: str, kind: str) -> list[Fact]:
        """Facts of one kind on one subject (image id or region id), in stored order."""
        return self._by_subject_kind.get((subject, kind), [])

    def one(self, subject: str, kind: str) -> Fact | None:
        """The first such fact, or None."""
        found = self.about(subject, kind)
        return found[0] if found else None

    def of_image(self, kind: str) -> list[Fact]:
        """Facts of one kind on the image itself."""
        return self.about(self.image.id, kind)

    def labelled(self, label: str) -> list[Region]:
        """Regions that are of one label, in stored order; not those that are only candidates of it."""
        return [r for r in self.regions if r.label == label and not r.candidate]

    @cached_property
    def present(self) -> set[str]:
        """Terms that are true of the image: labels of regions, and findings asserted present.

        A candidate makes nothing true, nor does what a classifier says of the image.
        """
        return {r.label for r in self.regions if not r.candidate} | {
            f.value for f in self.stated_findings() if f.polarity == "present" and f.value
        }

    @cached_property
    def possible(self) -> set[str]:
        """Terms that nothing says are there, and that an expert proposes."""
        guessed = {
            f.value
            for f in self.of_image("finding")
            if f.origin == "expert_model" and f.polarity == "present" and f.value
        }
        return ({r.label for r in self.regions if r.candidate} | guessed) - self.present

    @cached_property
    def refined(self) -> set[str]:
        """Ids of regions that only outline anew what a source boxed: one thing, already told by its box."""
        support = (f for f in self.facts if f.kind == "support" and f.object in self.region)
        return {f.subject for f in support if f.subject in self.region}

    @cached_property
    def things(self) -> list[Region]:
        """The regions, each thing once: what a source boxed and an expert outlined anew is the source's
        region, with its name and facts, and with the expert's outline in place of none."""
        outlines = {
            f.object: self.region[f.subject].mask
            for f in self.facts
            if f.subject in self.refined and f.kind == "support" and f.object
        }
        return [
            replace(r, mask=r.mask or outlines[r.id]) if r.id in outlines else r
            for r in self.regions
            if r.id not in self.refined
        ]

    def stated_findings(self) -> list[Fact]:
        """What is stated of the image as a whole, present or absent, by a source and by no expert."""
        return [f for f in self.of_image("finding") if f.origin != "expert_model"]

    @cached_property
    def absent(self) -> dict[str, Fact]:
        """Terms known not to be there, each with the fact that says so.

        A finding asserted absent, or a label whose annotation is exhaustive (`complete`) and of
        which the image has no region. What no fact mentions is in neither set: silence is not absence.
        Nor is what a fact denies and an expert has a candidate of: the two do not agree.
        """
        denied = {f.value: f for f in self.stated_findings() if f.polarity == "absent" and f.value}
        for f in self.of_image("complete"):
            if f.value and f.value not in self.present:
                denied.setdefault(f.value, f)
        known = self.present | self.possible
        return {term: f for term, f in denied.items() if term not in known}


def sheet_of(image: Image, regions: Iterable[Region], facts: Iterable[Fact]) -> FactSheet:
    """A sheet over the image's own facts and those given, duplicates by id left out."""
    seen: dict[str, Fact] = {}
    for f in (*image.facts, *facts):
        seen.setdefault(f.id, f)
    return FactSheet(image, list(regions), list(seen.values()))
