"""From declared sources to an index: read, drop duplicates, keep account of every row."""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from schemas.ids import content_id
from schemas.reject import Fault, Reject
from transforms.knowledge.declaration import PassageSource
from transforms.knowledge.entry import Entry
from transforms.knowledge.read import read_passages


@dataclass
class Harvest:
    """Passages of several sources, each text once, and what did not make it.

    sources  one row a source: name, version, license, citation, kept, duplicates, rejected
    """

    entries: list[Entry] = field(default_factory=list)
    rejects: list[Reject] = field(default_factory=list)
    sources: list[dict[str, Any]] = field(default_factory=list)


def gather(sources: Iterable[PassageSource], root: Path) -> Harvest:
    """Read every source below `root`, in the given order; of equal texts the first stays."""
    harvest = Harvest()
    seen: set[str] = set()
    for source in sources:
        counts: Counter[str] = Counter()
        licenses: set[str] = set()
        for one in _rows(source, root):
            if isinstance(one, Reject):
                counts["rejected"] += 1
                harvest.rejects.append(one)
            elif one.text.casefold() in seen:
                counts["duplicates"] += 1
            else:
                counts["kept"] += 1
                licenses.add(one.license)
                seen.add(one.text.casefold())
                harvest.entries.append(one)
        harvest.sources.append(_account(source, counts, licenses))
    return harvest


def _rows(source: PassageSource, root: Path) -> Iterator[Entry | Reject]:
    for number, (item, one) in enumerate(read_passages(source, root)):
        if isinstance(one, Fault):
            id = content_id("rej", source.name, item, number)
            yield Reject(
                id, source.name, item, "knowledge", "read", one.reason, one.detail, scope="passage"
            )
        else:
            yield one


def _account(source: PassageSource, counts: Counter[str], licenses: set[str]) -> dict[str, Any]:
    return {
        "name": source.name,
        "version": source.version,
        "licenses": sorted(licenses),
        "citation": source.citation,
        **{name: counts[name] for name in ("kept", "duplicates", "rejected")},
    }
