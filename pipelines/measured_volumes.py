"""Agreement in 3-D, as the report counts it: a figure a volume and label, and the slices that show it."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from pipelines.grounding.comparing_volumes import DICE

OF_VOLUMES = ["source", "images", "agreements"]
IN_3D = "Dice in 3-D"

Row = Mapping[str, Any]


def compared_regions(volumes: Iterable[Row]) -> dict[str, set[str]]:
    """Region of a volume -> producers that were compared with it. volumes: columns OF_VOLUMES."""
    drawn: defaultdict[str, set[str]] = defaultdict(set)
    for volume in volumes:
        for one in volume["agreements"]:
            for region in one["region_ids"]:
                drawn[region].add(one["producer"])
    return drawn


def compared_on(row: Row, drawn: Mapping[str, set[str]]) -> set[str]:
    """Producers that were compared with a structure which the image shows. row: of GROUNDED."""
    shown = {region.get("volume_region") for region in row["regions"]}
    return {producer for region in shown & set(drawn) for producer in drawn[str(region)]}


def figures(volume: Row) -> Iterator[tuple[str, str, float]]:
    """(producer, measure, number) of every label that was compared."""
    for one in volume["agreements"]:
        if one["measure"] == DICE:
            yield one["producer"], IN_3D, one["number"]
