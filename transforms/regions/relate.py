"""Relations between the regions of one image, and the parent of each region."""

from dataclasses import replace
from itertools import combinations

from schemas.fact import Fact, fact
from schemas.image import Image
from schemas.region import Region
from transforms.regions.nesting import INSIDE, containers_of, shares_of
from transforms.regions.pair import Member, direction_of, gap_between, member_of
from transforms.regions.policy import MOST_COMPARED

MOST_OF_LABEL = 6
LARGER = 1.2  # ratio of areas
TOUCH_PX = 2.0  # between the centres of the nearest pixels

_FIRST = ("lesion", "device", "organ", "structure", "tissue", "unknown", "cell", "artifact")


def relate(image: Image, regions: list[Region]) -> tuple[list[Region], list[Fact]]:
    """The same regions with `parent` set, and the facts between them.

    `inside` and parents are found for all regions. Pairs grow with the square of the number of
    regions, so overlaps, adjacent, left_of, above, larger_than and distance are told between at
    most MOST_COMPARED of them (`compared`). Of symmetric relations the smaller region is the
    subject, and each is told once. Order: by region, as given. Definitions: docs/regions.md.
    """
    if not regions:
        return [], []
    shares = shares_of(regions, (image.height, image.width))
    containers = containers_of(regions, shares)
    facts = [
        _told("inside", inner, regions[j])
        for inner, outer in zip(regions, containers, strict=True)
        for j in outer
    ]
    parented = [
        replace(region, parent=regions[outer[0]].id if outer else None)
        for region, outer in zip(regions, containers, strict=True)
    ]
    members = {i: member_of(regions[i]) for i in compared(regions)}
    for i, j in combinations(members, 2):
        shared = max(shares[i, j], shares[j, i])
        facts += _pair(members[i], members[j], float(shared), image)
    return parented, facts


def compared(regions: list[Region]) -> list[int]:
    """Places of the regions that are compared pair by pair: all of them up to MOST_COMPARED.

    Of more, the largest of each label, then the second largest of each, and so on, labels of
    lesions and devices first, at most MOST_OF_LABEL of one label.
    """
    if len(regions) <= MOST_COMPARED:
        return list(range(len(regions)))
    by_size = sorted(range(len(regions)), key=lambda i: (-regions[i].area_fraction, regions[i].id))
    ranks: dict[str, int] = {}
    ranked: list[tuple[int, int, int, int]] = []
    for i in by_size:
        rank = ranks[regions[i].label] = ranks.get(regions[i].label, -1) + 1
        if rank < MOST_OF_LABEL:
            ranked.append((rank, _FIRST.index(regions[i].kind), len(ranked), i))
    return sorted(i for *_, i in sorted(ranked)[:MOST_COMPARED])


def _pair(a: Member, b: Member, shared: float, image: Image) -> list[Fact]:
    """Facts between two regions. `shared`: the larger of the two shares of pixels in common."""
    small, large = (a, b) if a.region.area_fraction <= b.region.area_fraction else (b, a)
    found = _contact(small, large, shared, image)
    if shared < INSIDE:
        found += _directions(a, b, image)
    if _comparable(small.region, large.region):
        found.append(_told("larger_than", large.region, small.region))
    return found


def _contact(small: Member, large: Member, shared: float, image: Image) -> list[Fact]:
    """overlaps, adjacent or distance; nothing for boxes, whose edges are not the thing's."""
    if small.patch is None or large.patch is None or shared >= INSIDE:
        return []
    if shared > 0:
        return [_told("overlaps", small.region, large.region)]
    spacing = (image.spacing_mm[0], image.spacing_mm[1]) if image.spacing_mm else None
    gap, unit = gap_between(small, large, None), "px"
    if gap <= TOUCH_PX:
        return [_told("adjacent", small.region, large.region)]
    if spacing:
        gap, unit = gap_between(small, large, spacing), "mm"
    return [_told("distance", small.region, large.region, number=round(gap, 6), unit=unit)]


def _directions(a: Member, b: Member, image: Image) -> list[Fact]:
    found = []
    for kind, axis, side in (("left_of", 0, image.width), ("above", 1, image.height)):
        for first, second in ((a, b), (b, a)):
            if direction_of(first, second, axis, side):
                found.append(_told(kind, first.region, second.region))
    return found


def _comparable(small: Region, large: Region) -> bool:
    """One kind, measured the same way, and clearly of different size."""
    alike = small.kind == large.kind and (small.mask is None) == (large.mask is None)
    return alike and large.area_fraction >= LARGER * small.area_fraction


def _told(
    kind: str, subject: Region, object: Region, number: float | None = None, unit: str | None = None
) -> Fact:
    return fact(
        subject.id, kind, object=object.id, number=number, unit=unit, pointer=f"relation-{kind}@1"
    )
