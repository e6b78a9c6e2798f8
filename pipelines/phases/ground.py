"""ground: regions, and what holds between them. Expert models will add theirs here."""

from pipelines.phases.rows import (
    DECISIONS,
    GROUNDED,
    WITHOUT_PIXELS,
    facts_of,
    image_of,
    iter_rows,
    read_table,
    regions_of,
)
from pipelines.task import Outcome, Step, Task
from schemas.conform import plain, to_table
from transforms.regions.counts import count_facts
from transforms.regions.relate import relate


def run(task: Task, step: Step) -> Outcome:
    """Parents, relations and counts for every image that curate kept, in ingest's order."""
    decisions = {
        row["id"]: row
        for row in iter_rows(read_table(task, "curate", "all", task.shard, DECISIONS.names))
    }
    columns = [*WITHOUT_PIXELS, "regions", "facts"]
    rows = []
    for values in iter_rows(read_table(task, "ingest", task.shard, "images", columns)):
        decision = decisions.get(values["id"])
        if decision is None:
            continue
        image = image_of(values | {"split": decision["split"]})
        regions, relations = relate(image, regions_of(values["regions"]))
        complete = [f.value for f in image.facts if f.kind == "complete" and f.value]
        counts = count_facts(image.id, regions, complete)
        facts = {f.id: f for f in (*facts_of(values["facts"]), *relations, *counts)}
        rows.append(decision | {"regions": plain(regions), "facts": plain(list(facts.values()))})
    counts_out = {"images": len(rows), "regions": sum(len(r["regions"]) for r in rows)}
    return Outcome({"grounded": to_table(rows, GROUNDED)}, [], counts_out)
