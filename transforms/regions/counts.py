"""How many regions of each label an image has, and which labels are exhaustive in it."""

from collections.abc import Iterable

from schemas.fact import Fact, fact
from schemas.region import Region
from schemas.vocabulary import findings
from transforms.regions.policy import POLICIES


def count_facts(image_id: str, regions: list[Region], complete_labels: Iterable[str]) -> list[Fact]:
    """`count` of each countable label, and `complete` for each exhaustive one, by label.

    complete_labels  finding names that are exhaustive in this image (`Located.complete`), also
                     those without a region: for them, and only for them, none means absent

    Counted are things: vocabulary terms of a kind that falls into objects (lesion, cell) and that
    the vocabulary calls countable. The count is of regions; "how many are there" may only be asked
    where the label is complete too.
    """
    numbers: dict[str, int] = {}
    for region in regions:
        if _countable(region):
            numbers[region.label] = numbers.get(region.label, 0) + 1
    counted = [
        fact(image_id, "count", value=label, number=n, unit="1", pointer="count-regions@1")
        for label, n in sorted(numbers.items())
    ]
    return counted + [
        fact(image_id, "complete", value=label, origin="declared", pointer="declaration.complete")
        for label in sorted(set(complete_labels))
    ]


def _countable(region: Region) -> bool:
    term = findings().get(region.label)
    return POLICIES[region.kind].counted and term is not None and term.countable
