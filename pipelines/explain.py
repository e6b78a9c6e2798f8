"""A plan in words and numbers, from the same functions that a build uses."""

from pathlib import Path
from typing import Any

from pipelines.catalogue import resolve
from pipelines.grounding.explaining import explain_routes, undeclared, unserved
from pipelines.grounding.routes import resolve_grounding
from pipelines.models.estimate import estimate, rates_of, stated_rates
from pipelines.phases import rows
from pipelines.plan import PlannedShard, plan_shards
from pipelines.recipe import Recipe
from pipelines.terms import check_terms
from schemas.corpus import CONFIGS


def explain_plan(
    recipe: Recipe, recipe_folder: Path, data_root: Path | None, trial: Path | None = None
) -> dict[str, Any]:
    """{"phases", "sources", "total", "calls", "routes", "undeclared", "unserved"}; reads listings and tables, no pixels, asks no model.

    trial: a small build of the same recipe, whose calls are the sample that `calls` is estimated from.
    """
    sources = resolve(recipe, recipe_folder=recipe_folder, data_root=data_root)
    check_terms(recipe.models, sources)
    shards = list(plan_shards(recipe, sources))
    by_source = [_source_row([s for s in shards if s.source is source]) for source in sources]
    total = {k: sum(row[k] for row in by_source) for k in ("items", "shards", "megabytes")}
    total["megabytes"] = round(total["megabytes"], 1)
    calls = _calls(recipe, total["items"], trial)
    choice = recipe.grounding
    grounding = None if choice is None else resolve_grounding(choice, recipe_folder)
    return {
        "phases": _phases(recipe),
        "sources": by_source,
        "total": total,
        "calls": calls,
        "routes": explain_routes(grounding, sources),
        "undeclared": undeclared(sources) if grounding else [],
        "unserved": unserved(grounding, sources),
    }


def _calls(recipe: Recipe, items: int, trial: Path | None) -> list[dict[str, Any]]:
    """What the models of the recipe will cost; without a trial an item counts as one image."""
    if not recipe.models:
        return []
    if trial is None:
        return estimate(stated_rates(recipe), items, recipe)
    rates, images_per_item = rates_of(trial, recipe)
    return estimate(rates, items * images_per_item, recipe)


def _source_row(shards: list[PlannedShard]) -> dict[str, Any]:
    declaration = shards[0].source.declaration
    items = [item for shard in shards for item in shard.items]
    return {
        "source": declaration.name,
        "license": " / ".join(sorted(set(declaration.license.targets()))) or "of each row",
        "items": len(items),
        "faults": sum(len(shard.faults) for shard in shards),
        "shards": len(shards),
        "megabytes": round(sum(item.bytes for item in items) / 1e6, 1),
    }


def _writer(recipe: Recipe) -> str:
    if recipe.writing is None:
        return f"generator facts, <= {recipe.questions.limit} questions an image"
    model = recipe.models[recipe.writing.model]
    return f"{model.backend} {model.model}, seen by: {model.seen_by}"


def _judge(recipe: Recipe) -> str:
    if recipe.verifying is None:
        return "deterministic gates"
    model = recipe.models[recipe.verifying.model]
    return f"deterministic gates, then {model.backend} {model.model}, seen by: {model.seen_by}"


def _experts(recipe: Recipe) -> str:
    choice = recipe.grounding
    if choice is None:
        return "source annotations"
    compared = f", compared where annotated (least {choice.least_agreement:g})"
    return f"source annotations, experts by route{compared if choice.compare else ''}"


def _phases(recipe: Recipe) -> list[dict[str, str]]:
    splits = recipe.splits
    entries = [
        ("ingest", "files", rows.INGESTED.names, f"side >= {recipe.images.smallest_side} px, region >= {recipe.regions.smallest_px} px, {len(recipe.licenses)} licences"),
        ("curate", "keys", rows.DECISIONS.names, f"splits {splits.train:g}/{splits.validation:g}/{splits.test:g} by patient"),
        ("ground", "regions, facts", rows.GROUNDED.names, _experts(recipe)),
        ("describe", "regions, facts", rows.DESCRIBED.names, _writer(recipe)),
        ("verify", "sentences, questions", rows.VERIFIED.names, _judge(recipe)),
        ("balance", "verified questions", ["letters", "quotas"], "over the whole corpus"),
        ("release", "all of it", list(CONFIGS), f"files of {recipe.shards.release_megabytes} MB"),
    ]  # fmt: skip
    return [
        {"phase": phase, "reads": reads, "adds": ", ".join(adds), "choices": choices}
        for phase, reads, adds, choices in entries
    ]
