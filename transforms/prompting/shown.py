"""What of a sheet fits a prompt: a few regions of each label, and the facts on those.

An image of 147 nuclei has thousands of facts; a model needs the count, and a handful of them to speak of.
"""

from collections.abc import Collection
from dataclasses import dataclass

from schemas.fact import KINDS, Fact
from schemas.region import Region
from transforms.sheet import FactSheet

MOST_REGIONS = 12
MOST_OF_LABEL = 4
MOST_FACTS = 110

_RANK = {kind: place for place, kind in enumerate(KINDS)}
_DISTANT = ("distance", "left_of", "above", "larger_than")
"""Kinds that hold between almost any two regions: the first to be left out."""


@dataclass(frozen=True)
class Shown:
    """The part of a sheet that a prompt carries. hidden: regions left out, by label."""

    regions: list[Region]
    facts: list[Fact]
    hidden: dict[str, int]


def shown_of(sheet: FactSheet, keep: Collection[str] = ()) -> Shown:
    """Regions in stored order, at most MOST_OF_LABEL of a label (the largest) and MOST_REGIONS in all;
    facts by subject, then by kind, relations to a region not shown left out.

    keep: ids of regions and facts that are shown in any case, with the regions such facts are about.
    """
    wanted = set(keep) | _regions_of_facts(sheet, keep)
    chosen = _chosen(sheet.regions, wanted)
    regions = [r for r in sheet.regions if r.id in chosen]
    hidden: dict[str, int] = {}
    for region in sheet.regions:
        if region.id not in chosen:
            hidden[region.label] = hidden.get(region.label, 0) + 1
    return Shown(regions, _facts(sheet, regions, set(keep)), hidden)


def _regions_of_facts(sheet: FactSheet, keep: Collection[str]) -> set[str]:
    named = [sheet.by_id[i] for i in keep if i in sheet.by_id]
    return {i for f in named for i in (f.subject, f.object) if i in sheet.region}


def _chosen(regions: list[Region], wanted: set[str]) -> set[str]:
    """The largest of each label, then the second largest of each, until there is no room."""
    by_size = sorted(regions, key=lambda r: (r.id not in wanted, -r.area_fraction, r.id))
    ranks: dict[str, int] = {}
    ranked = []
    for place, region in enumerate(by_size):
        rank = ranks[region.label] = ranks.get(region.label, -1) + 1
        if rank < MOST_OF_LABEL:
            ranked.append((rank, place, region.id))
    found = {r.id for r in regions if r.id in wanted}
    for *_, id in sorted(ranked):
        if len(found) >= MOST_REGIONS:
            break
        found.add(id)
    return found


def _facts(sheet: FactSheet, regions: list[Region], keep: set[str]) -> list[Fact]:
    place = {sheet.image.id: -1} | {r.id: n for n, r in enumerate(regions)}
    told = [f for f in sheet.facts if f.subject in place and (not f.object or f.object in place)]
    first = sorted(told, key=lambda f: (f.id not in keep, f.kind in _DISTANT, _order(f, place)))
    return sorted(first[: max(MOST_FACTS, len(keep))], key=lambda f: _order(f, place))


def _order(fact: Fact, place: dict[str, int]) -> tuple[int, int, int, str]:
    return place[fact.subject], _RANK[fact.kind], place.get(fact.object or "", -1), fact.id
