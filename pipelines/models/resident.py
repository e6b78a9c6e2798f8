"""In-process models of a build: which engine loads them depends on where the tasks run."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from expert_models.llm.choice import IN_PROCESS, ModelChoice
from expert_models.llm.inprocess.base import BulkEngine
from pipelines.engines.base import Engine
from pipelines.models.bulk import BulkAnswers
from pipelines.models.failures import clear_waiting
from pipelines.models.options import Where
from pipelines.recipe import Recipe


@contextmanager
def bulk_answers(
    recipe: Recipe, out: Path, where: Where, engine: Engine
) -> Iterator[BulkAnswers | None]:
    """The in-process models of a recipe, or None where it has none; given back at the end."""
    models = {n: c for n, c in recipe.models.items() if c.backend in IN_PROCESS}
    clear_waiting(out)
    if not models:
        yield None
        return

    def load(choice: ModelChoice) -> BulkEngine:
        if engine.name == "ray" and choice.backend == "vllm":
            from pipelines.engines.bulk_ray import RayBulk

            return RayBulk(choice)
        from expert_models.llm.inprocess.load import load_engine

        return load_engine(choice)

    bulk = BulkAnswers(out, where.answers, models, load)
    try:
        yield bulk
        clear_waiting(out)
    finally:
        bulk.close()
