"""What a build measured of itself, for the report: models and their ledger, attempts, probes, balance."""

import json
from collections import Counter
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq

from expert_models.llm.choice import ModelChoice
from pipelines.commit import read_record
from pipelines.measured_experts import measured_experts
from pipelines.models.ledger import ledger
from pipelines.phases.balance import statistics_of
from pipelines.probing.results import read_results
from pipelines.task import Task, folder_of

ROLES = {"writing": "writes", "verifying": "judges"}


def measured(out: Path) -> dict[str, Any]:
    """JSON, read from OUT/run alone:

    models    [{role, name, model, revision, family, backend, seen_by}]
    ledger    pipelines.models.ledger.Entry.as_row, by purpose and model
    attempts  [{scope, attempt, reason, drafts}]: drafts that were refused and written again
    probe     pipelines.probing.results.read_results: {gates, judge, injections, about}
    balance   quality.balance.decide: the statistics of the released items
    experts   pipelines.measured_experts.measured_experts: who looked, found, refused and agreed
    """
    books = json.loads((out / "run" / "build.json").read_text("utf-8"))
    recipe = books["recipe"]
    models = {
        name: ModelChoice.model_validate(m) for name, m in (recipe.get("models") or {}).items()
    }
    prices = {choice.model: choice.price for choice in models.values()}
    return {
        "models": [
            _model(role, recipe[section]["model"], models[recipe[section]["model"]])
            for section, role in ROLES.items()
            if recipe.get(section)
        ],
        "ledger": [entry.as_row() for entry in ledger(out, books["shards"], prices)],
        "attempts": _attempts(out, books["shards"]),
        "probe": read_results(out),
        "balance": statistics_of(Task(str(out), "all", ())),
        "experts": measured_experts(out, books["shards"], recipe.get("grounding")),
    }


def _model(role: str, name: str, choice: ModelChoice) -> dict[str, Any]:
    told = {key: getattr(choice, key) for key in ("model", "revision", "family", "backend")}
    return {"role": role, "name": name, "seen_by": choice.seen_by} | told


def _attempts(out: Path, shards: list[str]) -> list[dict[str, Any]]:
    """Refused drafts of all shards by scope, attempt and reason."""
    folder = folder_of(out, "describe")
    keys = ("scope", "attempt", "reason")
    counted: Counter[tuple[Any, ...]] = Counter()
    for shard in shards:
        done = read_record(folder, shard)
        if done is not None:
            rows = pq.read_table(folder / done.file("attempts"), columns=list(keys)).to_pylist()
            counted.update(tuple(row[key] for key in keys) for row in rows)
    return [dict(zip(keys, key, strict=True)) | {"drafts": n} for key, n in sorted(counted.items())]
