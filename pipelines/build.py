"""Build a corpus: plan, run what is not yet done, release. Resumes by itself."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pyarrow.parquet as pq

from expert_models.llm.store import AnswerStore
from pipelines.catalogue import resolve
from pipelines.commit import sha256_of
from pipelines.engines.base import Engine
from pipelines.errors import StoppedError, UsageError
from pipelines.finish import finish, unpublish
from pipelines.grounding.routes import resolve_grounding
from pipelines.grounding.sparing import spared
from pipelines.hub_features import hub_features
from pipelines.lock import locked
from pipelines.models.bulk import BulkAnswers
from pipelines.models.options import Where, answers_folder, generator_of
from pipelines.models.resident import bulk_answers
from pipelines.phases.release import chunks
from pipelines.phases.released import rows_to_release
from pipelines.plan import (
    PlannedShard,
    balance_task,
    curate_task,
    ground_task,
    ingest_task,
    plan_shards,
    release_task,
    words_task,
)
from pipelines.progress import Progress
from pipelines.recipe import Recipe
from pipelines.run_task import run_task
from pipelines.runlog import events, log, log_size
from pipelines.summary import BuildSummary, summarise_build
from pipelines.task import Need, Task, folder_of, is_finished, upstream
from pipelines.terms import check_terms


@dataclass(frozen=True)
class Order:
    """What the person asked for: a recipe, where it lies, where to build, where the data are."""

    recipe: Recipe
    recipe_folder: Path
    out: Path
    data_root: Path | None = None


def build(order: Order, engine: Engine, progress: Progress) -> BuildSummary:
    """Run every unfinished step of the recipe and release the corpus.

    Raises UsageError before any work where the recipe, a declaration or a folder is wrong, and
    BusyError where another process builds into the same folder.
    """
    recipe, out = order.recipe, order.out
    sources = resolve(recipe, recipe_folder=order.recipe_folder, data_root=order.data_root)
    check_terms(recipe.models, sources)
    knowledge = _knowledge(recipe, order.recipe_folder)
    choice = recipe.grounding
    grounding = None if choice is None else spared(resolve_grounding(choice, order.recipe_folder))
    where = Where(answers_folder(recipe, order.recipe_folder, out), engine.workers)
    with locked(out), bulk_answers(recipe, out, where, engine) as bulk:
        log(out, "build", recipe=recipe.name, engine=engine.name)
        if grounding is not None:
            for route in grounding.without_expert:
                log(out, "expert-unavailable", expert=route.name, reason=route.unavailable)
                progress.warn(
                    f"expert {route.name!r} cannot be had ({route.unavailable}); its fallback looks alone"
                )
        with progress.stage("list"):
            shards = list(plan_shards(recipe, sources))
        run = _Runner(out, engine, progress)
        run.stage("ingest", [ingest_task(recipe, out, shard, grounding) for shard in shards])
        run.stage("curate", [curate_task(recipe, out, shards)], here=True)
        if grounding is not None:
            run.stage("ground", [ground_task(recipe, out, shard, grounding) for shard in shards])
        words = [words_task(recipe, out, s, knowledge, where, grounding) for s in shards]
        run.stage("words", words, bulk)
        run.stage("balance", [balance_task(recipe, out, shards)], here=True)
        released = _release_tasks(recipe, out, shards)
        if not all(is_finished(task) for task in released):
            unpublish(out)
        run.stage("release", released)
        with progress.stage("finish"):
            finish(out, recipe, sources, [shard.name for shard in shards], released)
            if recipe.models:
                AnswerStore(where.answers).pack()
        summary = summarise_build(out, [shard.name for shard in shards], run.reused)
        log(out, "built", **summary.counts())
        return summary


class _Runner:
    """Stages of tasks on one engine; finished tasks are left out and counted as reused."""

    def __init__(self, out: Path, engine: Engine, progress: Progress) -> None:
        self._out, self._engine, self._progress = out, engine, progress
        self.reused = 0

    def stage(
        self, name: str, tasks: list[Task], bulk: BulkAnswers | None = None, *, here: bool = False
    ) -> None:
        pending = [task for task in tasks if not is_finished(task)]
        self.reused += len(tasks) - len(pending)
        waiting = {task.shard for task in pending}
        for task in tasks:
            if task.shard not in waiting:
                log(self._out, "reused", stage=name, shard=task.shard)
        with self._progress.stage(name, total=len(tasks), done=len(tasks) - len(pending)):
            run: Callable[[list[Task]], None] = _run_here if here else self._run
            run(pending)
            while bulk is not None and (pending := [t for t in pending if not is_finished(t)]):
                bulk.answer_waiting([task.shard for task in pending])
                run(pending)

    def _run(self, tasks: list[Task]) -> None:
        """On the engine. What stopped a worker for good is told as such, whatever the engine makes of it."""
        begun = log_size(self._out)
        try:
            self._engine.run(tasks)
        except Exception as error:
            if stop := next(events(self._out, "stopped", since=begun), None):
                raise StoppedError(stop["message"]) from None
            raise error


def _run_here(tasks: list[Task]) -> None:
    for task in tasks:
        run_task(task)


def _knowledge(recipe: Recipe, recipe_folder: Path) -> dict[str, object]:
    """The describe phase's view of the knowledge: the index folder and the digest of its manifest."""
    choice = recipe.knowledge
    chosen: dict[str, object] = {
        "index": None,
        "digest": None,
        "glossary": choice.glossary,
        "licenses": recipe.licenses,
    }
    if choice.index is None:
        return chosen
    folder = (recipe_folder / choice.index).resolve()
    manifest = folder / "manifest.json"
    if not manifest.is_file():
        raise UsageError(
            f"knowledge index {choice.index!r}: no manifest.json there; "
            "make it with `medgrain knowledge build --out DIR`"
        )
    return chosen | {"index": str(folder), "digest": sha256_of(manifest)}


def _release_tasks(recipe: Recipe, out: Path, shards: list[PlannedShard]) -> list[Task]:
    sizes = [(shard.name, _png_bytes_by_split(out, shard.name)) for shard in shards]
    features, generator = hub_features(), generator_of(recipe)
    plan = chunks(sizes, recipe.shards.release_megabytes * 10**6)
    rows = rows_to_release(out, [shard.name for shard in shards])
    files = [
        (len(run), config, split, index, len(runs), run)
        for config in features
        for split, runs in plan.items()
        if rows[config, split]
        for index, run in enumerate(runs)
    ]
    files.sort(
        key=lambda file: (-file[0], file[1:])
    )  # the longest first, so that none is left over
    return [
        release_task(out, config, split, index, of, run, generator, features[config])
        for _, config, split, index, of, run in files
    ]


def _png_bytes_by_split(out: Path, shard: str) -> dict[str, int]:
    """PNG bytes of the verified images of a shard, by split, splits in alphabetical order."""
    done = upstream(Task(str(out), shard, ()), Need("verify", shard))
    table = pq.read_table(
        folder_of(out, "verify") / done.file("verified"), columns=["split", "png_bytes"]
    )
    totals: dict[str, int] = {}
    for split, size in zip(*(table[c].to_pylist() for c in ("split", "png_bytes")), strict=True):
        totals[split] = totals.get(split, 0) + size
    return dict(sorted(totals.items()))
