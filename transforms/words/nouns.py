"""What to call a region: a noun with its article, its plural, and whether it can be counted.

An organ is "the liver", a lesion "a mass", stuff without borders "an area of consolidation", tissue that
a section is made of "stroma", and its parts "areas of stroma". A word
that no vocabulary holds is quoted, so that a reader sees it is the source's term and not ours:
a region termed "zone_b". What an expert only proposes is "a polyp candidate", whatever it is of, and of
stuff "candidate stroma".
"""

import re
from dataclasses import dataclass
from functools import cache

from schemas.vocabulary import Finding, findings
from transforms.words.grammar import article

ORGAN_LIKE = {"organ", "structure", "tissue"}
_MANY_IN_A_BODY = {
    "rib", "left rib", "right rib", "vertebra", "cervical vertebra", "thoracic vertebra",
    "lumbar vertebra", "intervertebral disc", "costal cartilage", "lymph node",
}  # fmt: skip
_SPECIMENS = {"SM", "GM", "GM-BF", "GM-FL"}  # a slide shows many glands, a body has one liver
_SINGULAR_S = re.compile(r"(?:is|us|ss|itis)$")  # "necrosis" ends in s and is one


@dataclass(frozen=True)
class Noun:
    """A name for one label. `unique`: takes "the" at first mention; `plural_only`: "airways"; `mass`:
    "stroma", which takes no article at first mention and of which there are only areas."""

    one: str
    many: str
    unique: bool = False
    plural_only: bool = False
    countable: bool = True
    mass: bool = False

    def first(self) -> str:
        """At first mention: "the liver", "a mass", "an area of edema", "stroma"."""
        if self.mass and not self.unique:
            return self.one
        return self.again() if self.unique or self.plural_only else article(self.one)

    def again(self) -> str:
        """At any later mention: "the liver", "the mass"."""
        return f"the {self.one}"


@cache
def noun_of(label: str, candidate: bool = False) -> Noun:
    """The noun of a label: from the vocabulary, else the source's own word in quotes.

    A candidate is a thing of its own, so it never takes "the" at first mention; what has no borders
    gets none by being proposed.
    """
    if candidate:
        return _candidate(label)
    term = findings().get(label)
    if term is None:
        return Noun(f'region termed "{label}"', f'regions termed "{label}"')
    if term.kind in ORGAN_LIKE:
        return _organ(term)
    if term.countable and term.kind != "disease":
        return Noun(term.name, term.many())
    head = {"device": "piece", "sign": "sign"}.get(term.kind, "area")
    return Noun(f"{head} of {term.name}", f"{head}s of {term.name}", countable=False)


def _candidate(label: str) -> Noun:
    term, plain = findings().get(label), noun_of(label)
    if term is None:
        return Noun(f"candidate {plain.one}", f"candidate {plain.many}")
    name = term.said or term.name
    if plain.mass:
        return Noun(f"candidate {name}", f"candidate areas of {name}", countable=False, mass=True)
    return Noun(f"{name} candidate", f"{name} candidates", countable=plain.countable)


def _organ(term: Finding) -> Noun:
    many = term.many()
    if term.countable:
        return Noun(term.name, many, _is_unique(term))
    plural_only = many.endswith("s") and not _SINGULAR_S.search(many)  # a tree of vessels, airways
    if plural_only:
        return Noun(many, many, _is_unique(term), plural_only=True, countable=False)
    name = term.said or term.name
    return Noun(name, f"areas of {name}", _is_unique(term), countable=False, mass=True)


def _is_unique(term: Finding) -> bool:
    """One of this name a body: not ribs, not glands on a slide, not "kidney" of which two are."""
    if term.name in _MANY_IN_A_BODY or (term.modalities and set(term.modalities) <= _SPECIMENS):
        return False
    sided = any(t.broader == term.name and t.side for t in findings())
    return term.side is not None or not sided
