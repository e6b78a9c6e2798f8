"""A plan in words and numbers, from the same functions that a build uses."""

from pathlib import Path
from typing import Any

from pipelines.catalogue import resolve
from pipelines.phases import rows
from pipelines.plan import PlannedShard, plan_shards
from pipelines.recipe import Recipe
from schemas.corpus import CONFIGS


def explain_plan(recipe: Recipe, recipe_folder: Path, data_root: Path | None) -> dict[str, Any]:
    """{"phases": [...], "sources": [...], "total": {...}}; reads listings and tables, no pixels."""
    sources = resolve(recipe, recipe_folder=recipe_folder, data_root=data_root)
    shards = list(plan_shards(recipe, sources))
    by_source = [_source_row([s for s in shards if s.source is source]) for source in sources]
    total = {k: sum(row[k] for row in by_source) for k in ("items", "shards", "megabytes")}
    total["megabytes"] = round(total["megabytes"], 1)
    return {"phases": _phases(recipe), "sources": by_source, "total": total}


def _source_row(shards: list[PlannedShard]) -> dict[str, Any]:
    declaration = shards[0].source.declaration
    items = [item for shard in shards for item in shard.items]
    return {
        "source": declaration.name,
        "license": declaration.license,
        "items": len(items),
        "faults": sum(len(shard.faults) for shard in shards),
        "shards": len(shards),
        "megabytes": round(sum(item.bytes for item in items) / 1e6, 1),
    }


def _phases(recipe: Recipe) -> list[dict[str, str]]:
    splits = recipe.splits
    entries = [
        ("ingest", "files", rows.INGESTED.names, f"side >= {recipe.images.smallest_side} px, region >= {recipe.regions.smallest_px} px, {len(recipe.licenses)} licences"),
        ("curate", "keys", rows.DECISIONS.names, f"splits {splits.train:g}/{splits.validation:g}/{splits.test:g} by patient"),
        ("ground", "regions, facts", rows.GROUNDED.names, "source annotations"),
        ("describe", "regions, facts", rows.DESCRIBED.names, f"generator {recipe.generator}, <= {recipe.questions.limit} questions an image"),
        ("verify", "sentences, questions", rows.VERIFIED.names, "deterministic gates"),
        ("release", "all of it", list(CONFIGS), f"files of {recipe.shards.release_megabytes} MB"),
    ]  # fmt: skip
    return [
        {"phase": phase, "reads": reads, "adds": ", ".join(adds), "choices": choices}
        for phase, reads, adds, choices in entries
    ]
