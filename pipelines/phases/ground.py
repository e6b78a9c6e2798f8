"""ground: what experts find, what holds between regions, and how many there are."""

from collections.abc import Iterator
from typing import Any

from pipelines.grounding.due import Case
from pipelines.grounding.settings import Settings, settings_of
from pipelines.grounding.shard import Grounded, ground_shard
from pipelines.grounding.whole import COLUMNS, WholeVolume, whole_volumes
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
    """Regions, parents, relations and counts for every image that curate kept, in ingest's order.

    options: {} where no expert is asked, and then no pixel is read; else see
    `pipelines.grounding.steps.ground_options`.
    """
    decisions = {
        row["id"]: row
        for row in iter_rows(read_table(task, "curate", "all", task.shard, DECISIONS.names))
    }
    settings = settings_of(step.options)
    cases = _cases(task, decisions, settings)
    grounded = (
        map(Grounded, cases)
        if settings is None
        else ground_shard(task, list(cases), settings, step.where)
    )
    rows, rejects, asked = [], [], 0
    for one in grounded:
        rows.append(decisions[one.case.image.id] | _row(one))
        rejects += one.rejects
        asked += one.asked
    counts = {"images": len(rows), "regions": sum(len(r["regions"]) for r in rows)}
    counts |= {"expert_answers": asked} if settings is not None else {}
    return Outcome({"grounded": to_table(rows, GROUNDED)}, rejects, counts)


def _cases(
    task: Task, decisions: dict[str, dict[str, Any]], settings: Settings | None
) -> Iterator[Case]:
    """The images that curate kept; with their volumes where experts of volumes looked."""
    columns = [*WITHOUT_PIXELS, "regions", "facts"]
    volumes: dict[str, WholeVolume] = {}
    if settings is not None and settings.volume_routes:
        table = read_table(task, "ingest", task.shard, "volumes", COLUMNS)
        volumes = {one.id: one for one in whole_volumes(table)}
    for values in iter_rows(read_table(task, "ingest", task.shard, "images", columns)):
        decision = decisions.get(values["id"])
        if decision is not None:
            image = image_of(values | {"split": decision["split"]})
            volume = volumes.get(image.volume_id or "")
            yield Case(image, regions_of(values["regions"]), facts_of(values["facts"]), volume)


def _row(one: Grounded) -> dict[str, Any]:
    """Regions of the source and of experts together; a candidate is related, and never counted."""
    image, case = one.case.image, one.case
    regions, relations = relate(image, case.regions + one.regions)
    complete = [f.value for f in image.facts if f.kind == "complete" and f.value]
    counts = count_facts(image.id, [r for r in regions if not r.candidate], complete)
    facts = {f.id: f for f in (*case.facts, *one.facts, *relations, *counts)}
    return {"regions": plain(regions), "facts": plain(list(facts.values())), "flags": one.flags}
