"""What is true of an image, indexed for questions that texts raise. Built from a fact sheet, once."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from functools import cached_property

from quality.reading.claims import Claim
from quality.reading.hedges import CANDIDATE
from quality.reading.lexicon import Lexicon, overlay
from quality.reading.tokens import words
from schemas.region import Region
from schemas.vocabulary import findings, modalities, organs
from transforms.sheet import FactSheet

IMAGE_KINDS = ("sequence", "plane", "view", "window", "stain", "sex")
WORDLESS = ("agreement", "support", "scanner")
"""Kinds of facts for people and tables: no text may rest on them."""
WORDS = ("brightness", "homogeneity", "outline", "shape")
RELATIONS = ("inside", "overlaps", "adjacent", "left_of", "above", "larger_than")
LENGTH_MM = {"mm": 1.0, "cm": 10.0, "um": 0.001}
VOLUME_ML = {"mL": 1.0, "L": 1000.0, "mm3": 0.001}
_GENERIC = {"any": None, "abnormality": None, "lesion": "lesion", "organ": "organ", "cell": "cell", "tissue": "tissue",
            "device": "device", "finding": None}  # fmt: skip


def lineage(label: str) -> Iterator[str]:
    """A label and every broader term of it."""
    seen: set[str] = set()
    now: str | None = label
    while now is not None and now not in seen:
        seen.add(now)
        yield now
        term = findings().get(now)
        now = term.broader if term else None


class World:
    """Truth about one image. Region ids are those of the sheet; an unknown id is nowhere."""

    def __init__(self, sheet: FactSheet) -> None:
        self.sheet = sheet
        self.image = sheet.image
        self.words: dict[tuple[str, str], set[str]] = defaultdict(set)  # (subject, kind) -> values
        self.numbers: dict[tuple[str, str], list[tuple[float, str]]] = defaultdict(list)
        self.pairs: dict[str, set[tuple[str, str]]] = defaultdict(set)
        self.distances: dict[frozenset[str], list[tuple[float, str]]] = defaultdict(list)
        for f in sheet.facts:
            if f.kind in WORDLESS or (f.kind == "finding" and f.origin == "expert_model"):
                continue
            if f.kind == "distance" and f.object and f.number is not None:
                self.distances[frozenset((f.subject, f.object))].append((f.number, f.unit or ""))
            elif f.object is not None and f.polarity == "present":
                self.pairs[f.kind].add((f.subject, f.object))
            if f.object is not None:
                continue
            if f.number is not None:
                self.numbers[f.subject, f.kind].append((f.number, f.unit or ""))
            if f.value is not None and f.polarity == "present":
                self.words[f.subject, f.kind].add(f.value)
        for r in sheet.regions:
            self._from_region(r)

    def _from_region(self, r: Region) -> None:
        """What the region's own columns say, where no fact repeats it."""
        self.words[r.id, "position"].add(r.position)
        if r.side not in ("", "unknown"):
            self.words[r.id, "side"].add(r.side)
        if r.extent_mm and not self.numbers[r.id, "major_axis"]:
            for kind, value in zip(("major_axis", "minor_axis"), r.extent_mm, strict=False):
                self.numbers[r.id, kind].append((value, "mm"))
        if not self.numbers[r.id, "area_fraction"]:
            self.numbers[r.id, "area_fraction"].append((r.area_fraction, "1"))
        if r.parent:
            self.pairs["inside"].add((r.id, r.parent))

    @cached_property
    def extra(self) -> tuple[Lexicon, ...]:
        """Words that only this sheet knows: unmapped labels and values of image facts."""
        known = findings()
        labels = {r.label for r in self.sheet.regions if r.label not in known}
        terms = {("finding", label) for label in labels}
        for f in self.sheet.facts:
            if (
                f.value
                and f.kind in ("finding", "count", "complete", "label")
                and f.value not in known
            ):
                terms.add(("finding", f.value))
            elif f.value and f.kind in IMAGE_KINDS:
                terms.add((f.kind, f.value))
        if self.image.anatomy and self.image.anatomy not in organs():
            terms.add(("organ", self.image.anatomy))
        return (overlay(tuple(sorted(terms))),) if terms else ()

    # -- the image as a whole

    @cached_property
    def modalities(self) -> frozenset[str]:
        """Codes that may be said of it: its own, and the broader one of a refined code."""
        codes = {self.image.modality, *self.words[self.image.id, "modality"]} - {""}
        broader = {c.partition("-")[0] for c in codes} | ({"CR"} if "DX" in codes else set())
        return frozenset(codes | {c for c in broader if c in modalities()})

    @cached_property
    def organs(self) -> frozenset[str]:
        """Body parts that may be said to be shown: the stated ones and the region each is part of."""
        own = {self.image.anatomy, *self.words[self.image.id, "anatomy"]} - {None, ""}
        terms = [organs().get(name) for name in sorted(str(o) for o in own)]
        return frozenset({str(o) for o in own} | {t.region for t in terms if t})

    def image_words(self, kind: str) -> set[str]:
        values = set(self.words[self.image.id, kind])
        own = getattr(self.image, kind, None) if kind in ("plane", "view", "window") else None
        return values | ({own} if own else set())

    @cached_property
    def present(self) -> frozenset[str]:
        """Terms true of the image, with every broader term."""
        return frozenset(up for term in self.sheet.present for up in lineage(term))

    @cached_property
    def possible(self) -> frozenset[str]:
        """Terms, with every broader one, that would be true of the image if its candidates were right."""
        return frozenset(up for t in self.sheet.possible for up in lineage(t)) - self.present

    def has(self, kind: str, name: str) -> bool:
        """Is a term (sense kind finding or short) true of the image? A candidate makes none true."""
        if kind == "short":
            return name in self._heads
        return kind == "finding" and name in self.present

    def carries(self, claim: Claim) -> bool:
        """Is a named term true of the image, or, where it is named in doubt, has it a candidate of it?"""
        if claim.hedge:
            proposed = any(s.kind == "finding" and s.value in self.possible for s in claim.senses)
            return proposed or any(self.called(r, claim) for r in self.candidates)
        return any(self.has(s.kind, s.value) for s in claim.senses)

    @cached_property
    def candidates(self) -> list[Region]:
        """Regions that experts only propose."""
        return [r for r in self.sheet.regions if r.candidate]

    @cached_property
    def _heads(self) -> frozenset[str]:
        return frozenset(words(term)[-1] for term in self.present)

    @cached_property
    def absent(self) -> frozenset[str]:
        """Terms known not to be there."""
        return frozenset(self.sheet.absent) - self.present

    @cached_property
    def image_findings(self) -> frozenset[str]:
        """Image-level labels, present, with broader terms."""
        values = self.words[self.image.id, "finding"]
        return frozenset(up for term in sorted(values) for up in lineage(term))

    def spoken(self, fact_ids: Iterable[str]) -> list[str]:
        """Those of the facts that a text may rest on."""
        known = self.sheet.by_id
        return [i for i in fact_ids if i not in known or known[i].kind not in WORDLESS]

    # -- regions

    def called(self, r: Region, claim: Claim) -> bool:
        """May a region be called by these words? Words of doubt name candidates only; plain words name
        these too, which the gate `candidate` refuses.
        """
        if claim.hedge and not r.candidate:
            return False
        return any(self.is_a(r, s.kind, s.value) for s in claim.senses)

    def is_a(self, r: Region, kind: str, name: str) -> bool:
        """May a region be called by this term (sense kind finding, organ or thing)?"""
        if kind == "thing" and name == CANDIDATE:
            return r.candidate
        if kind == "thing":
            wanted = _GENERIC.get(name)
            return wanted is None or r.kind == wanted
        if kind == "short":
            return name in self._tails[r.id]
        if kind == "finding":
            return name in self._names[r.id]
        return r.label == name

    @cached_property
    def _names(self) -> dict[str, frozenset[str]]:
        names = {label: frozenset(lineage(label)) for label in self._labels}
        return {r.id: names[r.label] for r in self.sheet.regions}

    @cached_property
    def _tails(self) -> dict[str, frozenset[str]]:
        """The short forms of each region's names: "nodule" of "pulmonary nodule"."""
        tails = {label: frozenset(words(up)[-1] for up in lineage(label)) for label in self._labels}
        return {r.id: tails[r.label] for r in self.sheet.regions}

    @cached_property
    def _labels(self) -> list[str]:
        return sorted({r.label for r in self.sheet.regions})

    def centre(self, r: Region) -> tuple[float, float]:
        """Centre of its box as a share of width and height."""
        x0, y0, x1, y1 = r.box
        return (x0 + x1) / 2 / self.image.width, (y0 + y1) / 2 / self.image.height

    def area(self, r: Region) -> float:
        return self.numbers[r.id, "area_fraction"][0][0]

    def related(self, kind: str, subject: str, other: str) -> bool:
        """Is this relation a fact, in this direction (either one for symmetric relations)?"""
        pairs = self.pairs[kind]
        if kind in ("overlaps", "adjacent"):
            return (subject, other) in pairs or (other, subject) in pairs
        if kind == "inside":
            return other in self._ancestors(subject)
        return (subject, other) in pairs

    def _ancestors(self, subject: str) -> frozenset[str]:
        """Every region that the subject lies in, directly or not."""
        known = self._ancestors_of.get(subject)
        if known is None:
            found: set[str] = set()
            front = [subject]
            while front:
                front = [o for s in front for o in self._hosts.get(s, ()) if o not in found]
                found.update(front)
            known = self._ancestors_of[subject] = frozenset(found)
        return known

    @cached_property
    def _ancestors_of(self) -> dict[str, frozenset[str]]:
        return {}

    @cached_property
    def _hosts(self) -> dict[str, list[str]]:
        hosts: dict[str, list[str]] = {}
        for subject, other in sorted(self.pairs["inside"]):
            hosts.setdefault(subject, []).append(other)
        return hosts
