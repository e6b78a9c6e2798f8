"""What ingest knows of the volume that a slice is cut from: which experts looked, and how far they agree."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pyarrow as pa

from pipelines.grounding.comparing_volumes import ABSENT, DICE
from schemas.region import Region

COLUMNS = ["id", "images", "looks", "agreements"]
WORDS = {DICE: "Dice of the volume", ABSENT: "found where annotated as absent"}


@dataclass(frozen=True)
class WholeVolume:
    """One volume, without its voxels.

    looks, agreements  as in its row (schemas.volume)
    places             image id -> (axis of the grid that it is cut across, index along it)
    """

    id: str
    looks: list[dict[str, Any]] = field(default_factory=list)
    agreements: list[dict[str, Any]] = field(default_factory=list)
    places: dict[str, tuple[int, int]] = field(default_factory=dict)

    def unseen(self) -> frozenset[str]:
        """Labels that experts of volumes were asked for and none could look for: they refused or broke off."""
        told = {label for one in self.looks if one["reason"] is None for label in one["labels"]}
        left = {label for one in self.looks if one["reason"] is not None for label in one["labels"]}
        return frozenset(left - told)

    def disagreements(self, least: float) -> list[dict[str, Any]]:
        """The figures below `least`, of measures that say how much is shared."""
        return [a for a in self.agreements if a["measure"] in WORDS and a["number"] < least]

    def shown(self, one: dict[str, Any], image_id: str, regions: list[Region]) -> bool:
        """Does an image show what an agreement is about: a region that was compared, or, where the source has
        none, the stretch in which the expert found one?"""
        if one["region_ids"]:
            return any(region.volume_region in one["region_ids"] for region in regions)
        axis, index = self.places.get(image_id, (0, -1))
        span = one[("slices", "rows", "columns")[axis]]
        return span is not None and span[0] <= index < span[1]


def whole_volumes(table: pa.Table) -> Iterator[WholeVolume]:
    """The volumes of a shard. table: COLUMNS of ingest's table `volumes`."""
    for row in table.to_pylist():
        cuts = [cut for cut in row["images"] if cut["axis"] is not None]
        places = {cut["image_id"]: (cut["axis"], cut["index"]) for cut in cuts}
        yield WholeVolume(row["id"], row["looks"] or [], row["agreements"] or [], places)
