"""Fact sheets of one shard: ingest's metadata and ground's regions and facts, put together."""

from collections.abc import Iterator

from pipelines.phases.rows import (
    GROUNDED,
    WITHOUT_PIXELS,
    facts_of,
    image_of,
    iter_rows,
    read_table,
    regions_of,
)
from pipelines.task import Task
from transforms.sheet import FactSheet, sheet_of


def sheets(task: Task) -> Iterator[FactSheet]:
    """One sheet an image, in ingest's order; pixels are not read."""
    grounded = {
        row["id"]: row
        for row in iter_rows(read_table(task, "ground", task.shard, "grounded", GROUNDED.names))
    }
    for values in iter_rows(read_table(task, "ingest", task.shard, "images", WITHOUT_PIXELS)):
        ground = grounded.get(values["id"])
        if ground is None:
            continue
        image = image_of(values | {"split": ground["split"]})
        yield sheet_of(image, regions_of(ground["regions"]), facts_of(ground["facts"]))
