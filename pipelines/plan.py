"""From a recipe to shards: what a build will do, worked out before any pixel is read."""

import os
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from pipelines.catalogue import ResolvedSource
from pipelines.grounding.routes import Grounding
from pipelines.grounding.steps import ground_options, ingest_options, where_of
from pipelines.models.options import Where, describing, judging
from pipelines.recipe import Recipe
from pipelines.task import Need, Step, Task
from transforms.layouts.item import Item
from transforms.layouts.listing import list_items


@dataclass(frozen=True)
class PlannedShard:
    """A run of items of one source, and the names that were listed but cannot be items."""

    name: str
    source: ResolvedSource
    items: list[Item]
    faults: list[tuple[str, str, str]]  # item name, reason, detail


def plan_shards(recipe: Recipe, sources: Iterable[ResolvedSource]) -> Iterator[PlannedShard]:
    """Shards in corpus order: sources as the recipe lists them, items by name.

    The plan depends on the recipe and the listing alone, never on engine, workers or time.
    """
    for source in sources:
        listing = list_items(source.declaration, source.root)
        items = sorted(listing.items, key=lambda item: item.name)[: source.limit]
        faults = sorted((name, fault.reason, fault.detail) for name, fault in listing.faults)
        groups = list(_grouped(items, recipe.shards.items, recipe.shards.megabytes * 10**6)) or [[]]
        for index, group in enumerate(groups):
            name = f"{source.name}-{index:05d}"
            yield PlannedShard(name, source, group, faults if index == 0 else [])


def _grouped(items: list[Item], most: int, most_bytes: int) -> Iterator[list[Item]]:
    group: list[Item] = []
    size = 0
    for item in items:
        if group and (len(group) == most or size + item.bytes > most_bytes):
            yield group
            group, size = [], 0
        group.append(item)
        size += item.bytes
    if group:
        yield group


def ingest_task(
    recipe: Recipe, out: Path, shard: PlannedShard, grounding: Grounding | None = None
) -> Task:
    """Read the items of one shard."""
    options = {
        "declaration": shard.source.declaration.model_dump(mode="json"),
        "root": str(shard.source.root),
        "cut": shard.source.cut.model_dump(mode="json", exclude_none=True),
        "items": [asdict(item) for item in shard.items],
        "faults": [list(fault) for fault in shard.faults],
        "stamps": [_stamp(shard.source.root, item) for item in shard.items],
        "smallest_side": recipe.images.smallest_side,
        "longest_side": recipe.images.longest_side,
        "smallest_px": recipe.regions.smallest_px,
        "licenses": recipe.licenses,
        "key": recipe.key,
        **ingest_options(grounding),
    }
    where = where_of(grounding, grounding.volumes if grounding else ())
    return Task(str(out), shard.name, (Step("ingest", options, where=where),))


def _stamp(root: Path, item: Item) -> list[list[Any]]:
    """Size and time of every file of an item: a changed file is read again."""
    stamps = []
    for path in sorted({path for role in item.files.values() for path in role}):
        try:
            found = os.stat(root / path)
            stamps.append([path, found.st_size, found.st_mtime_ns])
        except OSError:
            stamps.append([path, -1, -1])
    return stamps


def curate_task(recipe: Recipe, out: Path, shards: list[PlannedShard]) -> Task:
    """Decide over all shards at once."""
    options = {
        "shards": [[shard.name, shard.source.name] for shard in shards],
        "splits": recipe.splits.model_dump(),
        "key": recipe.key,
    }
    needs = tuple(Need("ingest", shard.name, "keys") for shard in shards)
    return Task(str(out), "all", (Step("curate", options, needs),))


def ground_task(
    recipe: Recipe, out: Path, shard: PlannedShard, grounding: Grounding | None = None
) -> Task:
    """Regions of one shard: a stage of its own where experts look (docs/grounding.md)."""
    return Task(str(out), shard.name, (_ground_step(recipe, shard.name, grounding),))


def _ground_step(recipe: Recipe, name: str, grounding: Grounding | None) -> Step:
    options = ground_options(grounding, recipe.regions.smallest_px)
    tables = ["images"]
    tables += ["native"] if ingest_options(grounding)["keep_native"] else []
    tables += ["volumes"] if grounding is not None and grounding.volumes else []
    ingested = tuple(Need("ingest", name, table) for table in tables)
    needs = (*ingested, Need("curate", "all", name))
    where = where_of(grounding, grounding.pictures if grounding else ())
    return Step("ground", options, needs, where)


def words_task(
    recipe: Recipe,
    out: Path,
    shard: PlannedShard,
    knowledge: dict[str, Any],
    where: Where,
    grounding: Grounding | None = None,
) -> Task:
    """Ground, describe and verify one shard; three commits, one worker, no waiting between them.

    With experts, `ground_task` comes before: then describe and verify alone.
    """
    name = shard.name
    ingested, grounded = Need("ingest", name, "images"), Need("ground", name, "grounded")
    describe = describing(recipe) | {"knowledge": knowledge}
    first = () if grounding is not None else (_ground_step(recipe, name, None),)
    return Task(
        str(out),
        name,
        (
            *first,
            Step("describe", describe, (ingested, grounded), where.of(recipe)),
            Step(
                "verify",
                judging(recipe),
                (ingested, grounded, Need("describe", name, "described")),
                where.of(recipe),
            ),
        ),
    )


def balance_task(recipe: Recipe, out: Path, shards: list[PlannedShard]) -> Task:
    """Decide over all verified questions: letters, quotas, what the options alone give away."""
    options = {
        "shards": [[shard.name, shard.source.name] for shard in shards],
        "balance": recipe.balance.model_dump(mode="json"),
        "key": recipe.key,
    }
    needs = tuple(
        Need(phase, shard.name, table)
        for shard in shards
        for phase, table in (("ingest", "images"), ("verify", "verified"))
    )
    return Task(str(out), "all", (Step("balance", options, needs),))


def release_task(
    out: Path,
    config: str,
    split: str,
    index: int,
    of: int,
    shards: list[str],
    generator: dict[str, Any],
    features: str,
) -> Task:
    """Write one released file."""
    options = {
        "config": config,
        "split": split,
        "index": index,
        "of": of,
        "shards": shards,
        "generator": generator,
        "features": features,
    }
    tables = [("ingest", "images"), ("ground", "grounded"), ("verify", "verified")]
    if config == "volumes":
        tables.append(("ingest", "volumes"))
    needs = tuple(Need(phase, shard, table) for shard in shards for phase, table in tables)
    needs += tuple(Need("balance", "all", shard) for shard in shards)
    name = f"{config}-{split}-{index:05d}-of-{of:05d}"
    return Task(str(out), name, (Step("release", options, needs),))
