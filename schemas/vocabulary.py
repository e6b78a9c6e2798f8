"""Vocabularies: the closed lists of modalities, body parts and findings, with the words people use.

The lists are YAML files in `schemas/vocab/`; adding a term is one entry there. Writers take `name`,
`plural` and `phrase` from here and text gates read the same `synonyms` back, so a word that no list
holds can be neither written nor believed.
"""

from collections.abc import Iterator
from functools import cache
from importlib.resources import files
from typing import Any, Generic, Literal, TypeVar

import yaml
from pydantic import BaseModel, ConfigDict, Field

FINDING_KINDS = Literal[
    "lesion", "organ", "structure", "tissue", "cell", "device", "artifact", "sign", "disease"
]


class Modality(BaseModel):
    """An acquisition modality. `phrase` is a noun phrase with article: "a chest radiograph" is built
    from `phrase_with_organ`, in which {organ} stands for the adjective of a body part."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str  # the code: DICOM (0008,0060) where one exists
    title: str  # spelled out, lower case unless a name: "computed tomography"
    phrase: str  # "a computed tomography (CT) slice"
    phrase_with_organ: str  # "a {organ} CT slice"
    family: str  # modalities of one family look alike; distractors of a question differ in family
    synonyms: list[str] = Field(default_factory=list)  # every other way a text may name it
    organs: list[str] = Field(default_factory=list)  # plausible body parts; empty: any


class Organ(BaseModel):
    """A body part or specimen that an image can show."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str
    adjective: str  # "chest", "breast", "retinal": goes before a modality noun
    phrase: str  # "the chest", "a blood smear"
    region: str  # the larger part it belongs to: head, chest, limb, specimen, ...
    paired: bool = False  # has a left and a right one
    synonyms: list[str] = Field(default_factory=list)


class Finding(BaseModel):
    """A thing a region or an image label can be: lesion, organ, cell, device, sign, disease."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str
    plural: str = ""  # default: name + "s"
    kind: FINDING_KINDS
    group: str  # semantic type: options of one question come from one group
    countable: bool = True  # False: "ground-glass opacity" comes in areas, not in numbers
    background: bool = (
        False  # bounds all there is to see: all lies in it, and it looks like nothing
    )
    said: str = ""  # what words call it, where its name is for lists: "tissue" for "slide tissue"
    side: Literal["left", "right"] | None = None  # "left lung" has its side in its name
    synonyms: list[str] = Field(default_factory=list)
    organs: list[str] = Field(default_factory=list)  # body parts it occurs in; empty: any
    modalities: list[str] = Field(default_factory=list)  # modalities that show it; empty: any
    broader: str | None = None  # the more general term: "left lung" -> "lung"
    concepts: dict[str, str] = Field(default_factory=dict)  # DOID, UMLS, ...

    def many(self) -> str:
        """The plural."""
        return self.plural or f"{self.name}s"


Term = TypeVar("Term", bound=Modality | Organ | Finding)


class Vocabulary(Generic[Term]):
    """Terms by name, and by any synonym without regard to case."""

    def __init__(self, terms: list[Term]) -> None:
        self._terms: dict[str, Term] = {t.name: t for t in terms}
        if len(self._terms) != len(terms):
            raise ValueError("a term is listed twice")
        self._words: dict[str, Term] = {}
        for term in terms:
            self._words |= dict.fromkeys((w.lower() for w in (term.name, *term.synonyms)), term)

    def __iter__(self) -> Iterator[Term]:
        return iter(self._terms.values())

    def __contains__(self, name: object) -> bool:
        return name in self._terms

    def get(self, name: str | None) -> Term | None:
        """The term of exactly this name."""
        return self._terms.get(name) if name is not None else None

    def find(self, word: str) -> Term | None:
        """The term of this name or synonym, in any case."""
        return self._words.get(word.strip().lower())


def _read(name: str) -> list[dict[str, Any]]:
    return yaml.safe_load((files("schemas") / "vocab" / f"{name}.yaml").read_text("utf-8"))


@cache
def modalities() -> Vocabulary[Modality]:
    """The modalities of `vocab/modalities.yaml`."""
    return Vocabulary([Modality.model_validate(entry) for entry in _read("modalities")])


@cache
def organs() -> Vocabulary[Organ]:
    """The body parts of `vocab/anatomy.yaml`."""
    return Vocabulary([Organ.model_validate(entry) for entry in _read("anatomy")])


@cache
def findings() -> Vocabulary[Finding]:
    """The findings of `vocab/findings.yaml`."""
    return Vocabulary([Finding.model_validate(entry) for entry in _read("findings")])
