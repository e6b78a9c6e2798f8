"""Opening a shelf: the shipped glossary, the definitions of a built index, or both."""

from pathlib import Path

from schemas.passage import Passage
from schemas.reject import Fault
from transforms.knowledge.concepts import ConceptShelf, shelve
from transforms.knowledge.declaration import PassageSource
from transforms.knowledge.entry import Entry
from transforms.knowledge.jsonl import read_jsonl
from transforms.knowledge.store import load_shelf
from transforms.sheet import FactSheet

GLOSSARY = Path(__file__).parent / "glossary.jsonl"
_SHIPPED = PassageSource(
    name="medgrain-glossary",
    version="1",
    title="medgrain glossary",
    license="CC0-1.0",
    citation="medgrain authors",
    format="jsonl",
    paths=["glossary.jsonl"],
    root="shipped",
)


def open_shelf(folder: Path | None, *, glossary: bool = True) -> ConceptShelf:
    """The shelf of the shipped glossary, then that of the index in `folder` (None: no index).

    The glossary goes first: its texts were written to stand under an image. Raises IndexRefused
    when the folder does not match its manifest.
    """
    shelves = [glossary_shelf()] if glossary else []
    if folder is not None:
        shelves.append(load_shelf(folder))
    joined: dict[str, list[Passage]] = {}
    for shelf in shelves:
        for name, passages in shelf.by_finding.items():
            joined.setdefault(name, []).extend(passages)
    return ConceptShelf(joined)


def glossary_shelf() -> ConceptShelf:
    """The definitions that medgrain ships (CC0): no index and no extra package is needed."""
    rows = list(read_jsonl(GLOSSARY, _SHIPPED))
    if faults := [str(row) for row in rows if isinstance(row, Fault)]:
        raise ValueError(f"the shipped glossary is broken: {'; '.join(faults)}")
    return shelve(row for row in rows if isinstance(row, Entry))


def passages_for(sheet: FactSheet, shelf: ConceptShelf, *, limit: int = 8) -> list[Passage]:
    """`shelf.passages_for(sheet, limit=limit)`: one passage for each finding that is defined."""
    return shelf.passages_for(sheet, limit=limit)
