"""What of a sheet is shown to a model: a few regions of each label, and the facts on those.

An image of 147 nuclei has thousands of facts; a model needs the count, and a handful of nuclei to speak of.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

from schemas.fact import KINDS, Fact
from schemas.region import Region
from transforms.sheet import FactSheet
from transforms.words.anatomy import OLDEST_AGE_SAID

MOST_REGIONS = 12
MOST_OF_LABEL = 4
MOST_PAIRED = 4
"""Facts of one region on where other regions lie from it: any two regions have some."""
MOST_KEPT_REGIONS, MOST_KEPT_FACTS = 24, 60

_RANK = {kind: place for place, kind in enumerate(KINDS)}
_PAIRED = ("left_of", "above", "larger_than", "distance")


@dataclass(frozen=True)
class Shown:
    """The part of a sheet that is shown. hidden: number of regions left out, by label."""

    regions: list[Region]
    facts: list[Fact]
    hidden: dict[str, int]


def shown_of(sheet: FactSheet, keep: Collection[str] = ()) -> Shown:
    """Shown regions and facts in a stable order; ids in `keep` that were left out come last.

    Facts go by subject, then by kind. Relations to a region not shown, and ages above
    OLDEST_AGE_SAID, are never told. What `keep` adds moves nothing, so that names stay the same
    with and without it, as do the numbers drawn on the picture.
    """
    regions = shown_regions(sheet.regions)
    facts = _told(sheet, regions)
    regions = regions + _kept_regions(sheet, regions, keep)
    facts = facts + _kept_facts(sheet, regions, facts, keep)
    seen = {r.id for r in regions}
    hidden = Counter(r.label for r in sheet.regions if r.id not in seen)
    return Shown(regions, facts, dict(hidden))


def shown_regions(regions: Sequence[Region]) -> list[Region]:
    """At most MOST_REGIONS in stored order: the largest of each label, then the second largest of
    each, and so on up to MOST_OF_LABEL."""
    by_size = sorted(regions, key=lambda r: (-r.area_fraction, r.id))
    seen: dict[str, int] = {}
    ranked = []
    for place, region in enumerate(by_size):
        rank = seen[region.label] = seen.get(region.label, -1) + 1
        if rank < MOST_OF_LABEL:
            ranked.append((rank, place, region.id))
    chosen = {id for *_, id in sorted(ranked)[:MOST_REGIONS]}
    return [r for r in regions if r.id in chosen]


def _kept_regions(sheet: FactSheet, shown: Iterable[Region], keep: Collection[str]) -> list[Region]:
    """Further regions that are named in `keep`, or that a fact named there is about."""
    facts = [sheet.by_id[i] for i in keep if i in sheet.by_id]
    wanted = {*keep, *(i for f in facts for i in (f.subject, f.object) if i)}
    wanted -= {r.id for r in shown}
    return [r for r in sheet.regions if r.id in wanted][:MOST_KEPT_REGIONS]


def _kept_facts(
    sheet: FactSheet, regions: list[Region], told: list[Fact], keep: Collection[str]
) -> list[Fact]:
    """Further facts that are named in `keep`, on what is shown."""
    seen, known = {sheet.image.id, None, *(r.id for r in regions)}, {f.id for f in told}
    named = (f for f in sheet.facts if f.id in keep and f.id not in known and _sayable(f))
    return [f for f in named if f.subject in seen and f.object in seen][:MOST_KEPT_FACTS]


def _told(sheet: FactSheet, regions: list[Region]) -> list[Fact]:
    place = {sheet.image.id: -1} | {r.id: n for n, r in enumerate(regions)}
    label = {r.id: r.label for r in regions}
    facts = [f for f in sheet.facts if f.subject in place and f.object in (None, *place)]
    facts = sorted(filter(_sayable, facts), key=lambda f: _order(f, place))
    paired = [f for f in facts if f.kind in _PAIRED]
    paired.sort(key=lambda f: (label[f.subject] == label.get(f.object or ""), _nearness(f)))
    spare = {
        id for r in regions for id in [f.id for f in paired if f.subject == r.id][MOST_PAIRED:]
    }
    return [f for f in facts if f.id not in spare]


def _sayable(fact: Fact) -> bool:
    """Ages of 90 and above identify people."""
    return fact.kind != "age" or fact.number is None or fact.number <= OLDEST_AGE_SAID


def _nearness(fact: Fact) -> tuple[bool, float]:
    """Distances first, the nearest before the others."""
    return fact.kind != "distance", fact.number or 0.0


def _order(fact: Fact, place: dict[str, int]) -> tuple[int, int, int, str]:
    return place[fact.subject], _RANK[fact.kind], place.get(fact.object or "", -1), fact.id
