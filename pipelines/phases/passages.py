"""Passages of one image: definitions of its findings, and, for a model, what a search finds besides."""

from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

from schemas.passage import Passage
from schemas.vocabulary import modalities
from transforms.knowledge.index import Index
from transforms.knowledge.shelf import ConceptShelf, open_shelf
from transforms.knowledge.store import load
from transforms.knowledge.topic import topic_of
from transforms.sheet import FactSheet


def passages_of(
    knowledge: dict[str, Any], searched: int = 0
) -> Callable[[FactSheet], list[Passage]]:
    """The retrieval of one step: `knowledge` is {index, digest, glossary, licenses}.

    searched: most passages that a search of the index may add to the definitions. A definition is
    certain (its concept is a finding of the image); what a search finds is only likely, so it is for
    writers whose every quotation is checked against the image's facts.
    """
    shelf = _shelf(knowledge["index"], knowledge["digest"], knowledge["glossary"])
    index = _index(knowledge["index"], knowledge["digest"]) if searched else None
    licenses = frozenset(knowledge["licenses"])

    def retrieve(sheet: FactSheet) -> list[Passage]:
        found = shelf.passages_for(sheet, licenses=licenses)
        if index is None or not sheet.present:
            return found
        known = {passage.id for passage in found}
        more = index.search(query_of(sheet), limit=searched, topic=topic_of(sheet))
        return found + [p for p in more if p.id not in known and p.license in licenses]

    return retrieve


def query_of(sheet: FactSheet) -> str:
    """What the image is known to show, as MedTrinity's coarse caption: findings, organ, modality."""
    modality = modalities().get(sheet.image.modality)
    names = [*sorted(sheet.present), sheet.image.anatomy or "", modality.title if modality else ""]
    return " ".join(name for name in names if name)


@cache
def _shelf(index: str | None, digest: str | None, glossary: bool) -> ConceptShelf:
    """One shelf a process; `digest` is in the key so that a rebuilt index is opened anew."""
    return open_shelf(Path(index) if index else None, glossary=glossary)


@cache
def _index(index: str | None, digest: str | None) -> Index | None:
    return load(Path(index)).index if index else None
