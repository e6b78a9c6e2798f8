"""What of a sheet is shown to a model: a few regions of each label, and the facts on those.

An image of 147 nuclei has thousands of facts; a model needs the count, and a handful of nuclei to speak of.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

from schemas.fact import KINDS, Fact
from schemas.passage import Passage
from schemas.region import Region
from schemas.vocabulary import findings
from transforms.sheet import FactSheet
from transforms.words.anatomy import OLDEST_AGE_SAID
from transforms.words.nouns import ORGAN_LIKE

MOST_REGIONS = 10
MOST_OF_LABEL = 4
MOST_PAIRED = {"near": 3, "far": 3}
"""Facts of one region on another: contact, and where others lie from it, of which any two have some."""
MOST_KEPT_REGIONS, MOST_KEPT_FACTS = 24, 60

OF_BACKGROUND = ("label", "area_fraction")
"""All that is worth telling of what bounds the picture: that a thing lies in it is no news."""
WORDLESS = ("agreement", "support", "scanner")

_RANK = {kind: place for place, kind in enumerate(KINDS)}
_REACH = {"inside": "near", "overlaps": "near", "adjacent": "near"} | dict.fromkeys(
    ("left_of", "above", "larger_than", "distance"), "far"
)


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
    regions = shown_regions(sheet.things)
    facts = _told(sheet, regions)
    regions = regions + _kept_regions(sheet, regions, keep)
    facts = facts + _kept_facts(sheet, regions, facts, keep)
    seen = {r.id for r in regions}
    hidden = Counter(_called(r) for r in sheet.things if r.id not in seen)
    return Shown(regions, facts, dict(hidden))


def _called(region: Region) -> str:
    return f"{region.label} candidate" if region.candidate else region.label


def shown_regions(regions: Sequence[Region]) -> list[Region]:
    """At most MOST_REGIONS in stored order, at most MOST_OF_LABEL of a label: the largest of each label,
    then the second largest of each, and so on; organs and the like stand back two places, so that
    two lesions of a kind come before the first organ."""
    by_size = sorted(regions, key=lambda r: (-r.area_fraction, r.id))
    seen: Counter[str] = Counter()
    ranked = []
    for place, region in enumerate(by_size):
        rank = seen[region.label]
        seen[region.label] += 1
        if rank < MOST_OF_LABEL:
            ranked.append((rank + 2 * (region.kind in ORGAN_LIKE), place, region.id))
    chosen = {id for *_, id in sorted(ranked)[:MOST_REGIONS]}
    return [r for r in regions if r.id in chosen]


def shown_passages(
    passages: Sequence[Passage], shown: Shown, keep: Collection[str] = ()
) -> list[Passage]:
    """Passages without those that define a term no shown region or fact carries; a candidate carries none."""
    stated = {f.value for f in shown.facts if f.kind == "finding" and f.origin != "expert_model"}
    proposed = {r.label for r in shown.regions if r.candidate} - stated
    proposed -= {r.label for r in shown.regions if not r.candidate}
    carried = {r.label for r in shown.regions} | {f.value for f in shown.facts if f.value}
    carried -= proposed
    terms = {p.id: findings().find(p.concept) if p.concept else None for p in passages}
    return [
        p for p in passages if p.id in keep or (term := terms[p.id]) is None or term.name in carried
    ]


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
    bounds = {r.id for r in regions if _is_background(r)}
    facts = [f for f in facts if _sayable(f) and not _is_idle(f, sheet)]
    facts = [f for f in facts if not ({f.subject, f.object} & bounds) or f.kind in OF_BACKGROUND]
    facts.sort(key=lambda f: _order(f, place))
    spare = {f.id for r in regions for f in _spare(r, facts, label)}
    return [f for f in facts if f.id not in spare]


def _spare(region: Region, facts: list[Fact], label: dict[str, str]) -> list[Fact]:
    """Facts of this region on another beyond the first few of each reach; those on a thing of another
    label, and the nearest, come first."""
    own = [f for f in facts if f.subject == region.id and f.kind in _REACH]
    own.sort(key=lambda f: (label.get(f.object or "") == region.label, f.number or 0.0))
    near = [f for f in own if _REACH[f.kind] == "near"]
    far = [f for f in own if _REACH[f.kind] == "far"]
    return near[MOST_PAIRED["near"] :] + far[MOST_PAIRED["far"] :]


def _is_background(region: Region) -> bool:
    term = findings().get(region.label)
    return term is not None and term.background


def _is_idle(fact: Fact, sheet: FactSheet) -> bool:
    """`complete` says something by itself only of what is not there; a count tells the rest."""
    return fact.kind == "complete" and fact.value not in sheet.absent


def _sayable(fact: Fact) -> bool:
    """Ages of 90 and above identify people. What experts say of one another is for no text."""
    if fact.kind in WORDLESS:
        return False
    return fact.kind != "age" or fact.number is None or fact.number <= OLDEST_AGE_SAID


def _order(fact: Fact, place: dict[str, int]) -> tuple[int, int, int, str]:
    return place[fact.subject], _RANK[fact.kind], place.get(fact.object or "", -1), fact.id
