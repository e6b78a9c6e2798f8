"""A first look at a source: what it holds, what is wrong with it, and a few rows as they would come out."""

from collections import Counter
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from schemas.declaration import Declaration
from schemas.declaration.value import holes
from schemas.reject import Fault
from schemas.vocabulary import findings
from transforms.formats.volume import Cut
from transforms.layouts.item import Item, Listing
from transforms.layouts.listing import list_items
from transforms.layouts.meaning import HASHED_ONLY, meaning, unmapped_columns
from transforms.layouts.reading import read_item
from transforms.picture import Picture


@dataclass
class Survey:
    """What `sources check` shows of a source that is there.

    rejects  reason: count, with one example each in `examples`
    unknown  columns that the declaration names and no item has: most often a slip of the pen
    kept     columns that nothing maps and that travel in `extra`
    samples  the first, the middle and the last item as rows
    """

    items: int
    megabytes: float
    kinds: dict[str, int]
    rejects: dict[str, int]
    examples: dict[str, str]
    unknown: list[str]
    kept: list[str]
    samples: list[dict[str, Any]] = field(default_factory=list)

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


def survey(declaration: Declaration, root: Path, *, samples: int = 3) -> Survey:
    """List a source and read a few of its items. Everything else is counted, not decoded."""
    listing = list_items(declaration, root)
    examples: dict[str, str] = {}
    for name, fault in listing.faults:
        examples.setdefault(fault.reason, f"{name}: {fault.detail}")
    return Survey(
        items=len(listing.items),
        megabytes=round(sum(i.bytes for i in listing.items) / 1e6, 1),
        kinds=dict(sorted(Counter(i.kind for i in listing.items).items())),
        rejects=dict(sorted(Counter(f.reason for _, f in listing.faults).items())),
        examples=examples,
        unknown=_unknown(declaration, listing),
        kept=_kept(declaration, listing),
        samples=[_sample(item, declaration, root) for item in _spread(listing.items, samples)],
    )


def _spread(items: list[Item], count: int) -> list[Item]:
    if len(items) <= count:
        return items
    return [items[n * (len(items) - 1) // max(1, count - 1)] for n in range(count)]


def _columns(listing: Listing) -> set[str]:
    found: set[str] = set()
    for item in listing.items:
        found |= item.columns.keys()
        for rows in item.rows.values():
            for row in rows[:1]:
                found |= row.keys()
    return found


def _unknown(declaration: Declaration, listing: Listing) -> list[str]:
    if not listing.items:
        return []
    from_files = {"modality", "BodyPartExamined", "Manufacturer", "SliceThickness", *HASHED_ONLY}
    dicom = any(i.kind == "dicom" for i in listing.items)
    known = _columns(listing) | ({"modality"} if not dicom else from_files)
    keys = {hole for table in declaration.tables.values() for hole in holes(table.key)}
    if any(i.kind == "slide" for i in listing.items):  # properties are read with the slide
        known |= {name for name in declaration.named_columns if name.startswith("slide.")}
    return sorted(declaration.named_columns - known - keys)


def _kept(declaration: Declaration, listing: Listing) -> list[str]:
    return sorted(
        {c for item in listing.items for c in unmapped_columns(declaration, item.columns)}
    )


def _sample(item: Item, declaration: Declaration, root: Path) -> dict[str, Any]:
    """One item as a row, with the faults of its annotations in words."""
    row: dict[str, Any] = {"item": item.name}
    faults: list[str] = []
    for one in read_item(item, declaration, root, Cut(max_slices=1, most_tiles=1)):
        if isinstance(one, Fault):
            faults.append(f"{one.reason}: {one.detail}")
        elif "size" not in row:
            row |= _seen(one, item, declaration, faults)
    return row | ({"faults": faults[:5]} if faults else {})


def _seen(
    picture: Picture, item: Item, declaration: Declaration, faults: list[str]
) -> dict[str, Any]:
    height, width = picture.display.shape[:2]
    drawn = Counter(a.label for a in picture.annotations)
    row: dict[str, Any] = {"picture": picture.key or "-", "size": f"{width} x {height}"}
    try:
        means = meaning(picture, item, declaration)
    except Fault as fault:
        faults.append(f"{fault.reason}: {fault.detail}")
        return row | {"annotations": dict(drawn)}
    row |= {
        name: value
        for name in ("modality", "anatomy", "patient", "split", "view", "side", "day", "license")
        if (value := getattr(means, name)) is not None
    }
    absent = [s.value for s in means.statements if s.kind == "finding" and s.polarity == "absent"]
    named = {f"{label} -> {_term(means.label_map, label)}": n for label, n in drawn.items()}
    return (
        row
        | {"labels": means.labels, "absent": absent, "annotations": named}
        | ({"flags": [*picture.flags, *means.flags]} if picture.flags or means.flags else {})
    )


def _term(label_map: dict[str, str], label: str) -> str:
    word = label_map.get(label, label)
    term = findings().get(word) or findings().find(word)
    return term.name if term else "not mapped"
