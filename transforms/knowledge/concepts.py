"""The shelf: for each finding of the vocabulary, the passages that define exactly it.

The same few labels repeat over thousands of images, so the match is made once an index and looked
up once an image. Matching is by whole names: a passage on "polyposis" never speaks of a "polyp".
"""

from collections.abc import Callable, Container, Iterable
from dataclasses import dataclass
from functools import cache

from schemas.passage import Passage
from schemas.vocabulary import Finding, findings
from transforms.knowledge.entry import Entry
from transforms.sheet import FactSheet

BY_NAME = 1.0  # the score of a passage found by its name alone, not by search


@dataclass
class ConceptShelf:
    """Passages by name of finding, best first. `passages_for` is all that a build needs of it."""

    by_finding: dict[str, list[Passage]]

    def passages_for(
        self, sheet: FactSheet, *, limit: int = 8, licenses: Container[str] | None = None
    ) -> list[Passage]:
        """At most one passage for each finding present in the image, in the order of their names.

        Each passage defines the finding it stands for, and its `concept` finds that finding in the
        vocabulary. `licenses`, where given, are the only ones allowed.
        """
        found: list[Passage] = []
        for name in sorted(sheet.present):
            allowed = (
                p
                for p in self.by_finding.get(name, [])
                if licenses is None or p.license in licenses
            )
            if (best := next(allowed, None)) is not None:
                found.append(best)
        return found[:limit]


def shelve(
    entries: Iterable[Entry],
    score: Callable[[str, list[Entry]], list[float]] | None = None,
    floor: float = 0.0,
) -> ConceptShelf:
    """The shelf over the entries that define a finding of the vocabulary.

    `score(finding name, entries)` orders them and must not fall below `floor`; without it all have
    the score BY_NAME and keep their order. Only the concept's own name counts: what a source
    lists as its synonyms ("bone tumor" for bone cancer) is often wider or narrower.
    """
    held: dict[str, list[Entry]] = {}
    for one in entries:
        finding = finding_of(one.concept) if one.defines else None
        if finding is not None:
            held.setdefault(finding.name, []).append(one)
    return ConceptShelf({name: _ranked(name, held[name], score, floor) for name in sorted(held)})


def finding_of(concept: str) -> Finding | None:
    """The finding that `concept` names: by name, plural or synonym, in any case, and never in part.

    >>> finding_of("RBC").name
    'red blood cell'
    """
    return findings().find(concept) or _plurals().get(concept.strip().lower())


def passages_for(sheet: FactSheet, shelf: ConceptShelf, *, limit: int = 8) -> list[Passage]:
    """`shelf.passages_for(sheet)`."""
    return shelf.passages_for(sheet, limit=limit)


def _ranked(
    name: str,
    entries: list[Entry],
    score: Callable[[str, list[Entry]], list[float]] | None,
    floor: float,
) -> list[Passage]:
    scores = [BY_NAME] * len(entries) if score is None else score(name, entries)
    order = sorted(range(len(entries)), key=lambda i: (-scores[i], i))
    return [entries[i].passage(scores[i]) for i in order if scores[i] >= floor]


@cache
def _plurals() -> dict[str, Finding]:
    return {finding.many().lower(): finding for finding in findings()}
