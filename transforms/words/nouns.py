"""What to call a region: a noun with its article, its plural, and whether it can be counted.

An organ is "the liver", a lesion "a mass", stuff without borders "an area of consolidation". A word
that no vocabulary holds is quoted, so that a reader sees it is the source's term and not ours:
a region termed "zone_b".
"""

from dataclasses import dataclass

from schemas.vocabulary import Finding, findings
from transforms.words.grammar import article

_UNIQUE = {"organ", "structure", "tissue"}  # kinds of which a body has one of each name


@dataclass(frozen=True)
class Noun:
    """A name for one label. `unique`: takes "the" at first mention; `plural_only`: "vessels"."""

    one: str
    many: str
    unique: bool = False
    plural_only: bool = False
    countable: bool = True

    def first(self) -> str:
        """At first mention: "the liver", "a mass", "an area of oedema"."""
        return self.again() if self.unique else article(self.one)

    def again(self) -> str:
        """At any later mention: "the liver", "the mass"."""
        return f"the {self.one}"


def noun_of(label: str) -> Noun:
    """The noun of a label: from the vocabulary, else the source's own word in quotes."""
    term = findings().get(label)
    if term is None:
        return Noun(f'region termed "{label}"', f'regions termed "{label}"')
    return _noun(term)


def _noun(term: Finding) -> Noun:
    plural_only = term.many() == term.name
    if term.kind in _UNIQUE:
        return Noun(term.name, term.many(), True, plural_only, term.countable)
    if term.kind == "disease" or not term.countable:
        return Noun(f"area of {term.name}", f"areas of {term.name}", countable=False)
    return Noun(term.name, term.many(), plural_only=plural_only)
