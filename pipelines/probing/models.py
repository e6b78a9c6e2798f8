"""The models of a probe: those of the recipe a corpus was built by, or of another recipe."""

import json
from collections.abc import Awaitable, Callable, Iterable, Sequence
from pathlib import Path
from typing import Any, TypeVar

from pydantic import ValidationError

from pipelines.engines.inline import InlineEngine
from pipelines.errors import UsageError
from pipelines.lock import locked
from pipelines.models.doors import Doors, run_asking
from pipelines.models.options import Where, answers_folder
from pipelines.models.resident import bulk_answers
from pipelines.recipe import Recipe, load_recipe
from pipelines.task import Task, Waiting

SHARD = "probe"
Given = TypeVar("Given")
Made = TypeVar("Made")


def recipe_of(out: Path | None, recipe: Path | None) -> Recipe:
    """The recipe that names the models: the one given, else the one OUT was built by.

    Raises UsageError where there is none, or where it names no verifier.
    """
    if recipe is not None:
        found = load_recipe(recipe)
    elif out is not None:
        found = _built_by(out)
    else:
        raise UsageError("no models: give OUT, the folder of a build, or --recipe FILE")
    if found.verifying is None:
        raise UsageError(
            "the recipe has no section `verifying`, so there is no verifier to probe; give --recipe FILE"
        )
    return found


def _built_by(out: Path) -> Recipe:
    path = out / "run" / "build.json"
    try:
        # A folder of answers was meant beside the recipe, wherever that lies: the build's own is used.
        values = json.loads(path.read_text("utf-8"))["recipe"] | {"answers": None}
        return Recipe.model_validate(values)
    except FileNotFoundError:
        raise UsageError(f"{str(out)!r} is not the folder of a build: no run/build.json") from None
    except ValidationError:
        raise UsageError(
            "the recipe in run/build.json is of another version; give --recipe FILE"
        ) from None


def ask_models(
    recipe: Recipe,
    out: Path,
    folder: Path,
    given: Sequence[Given],
    work: Callable[[Doors, Given], Awaitable[Made]],
) -> list[Made]:
    """`work` on everything given, through the recipe's models; results in the order given.

    out: whose store of answers is used, so that a probe run again asks nothing, and the build's lock
    is held. folder: that of the recipe. In-process models are answered in bulk, round after round.
    """
    where = Where(answers_folder(recipe, folder, out), 1)
    task = Task(str(out), SHARD, ())
    with locked(out), bulk_answers(recipe, out, where, InlineEngine(1)) as bulk:
        while True:
            try:
                made, _ = run_asking(task, where.of(recipe), given, work)
                return made
            except Waiting:
                if bulk is None:
                    raise
                bulk.answer_waiting([SHARD])


def named(recipe: Recipe, names: Iterable[str]) -> list[dict[str, Any]]:
    """What tells the probed models apart: name, model, revision, family."""
    keys = {"model", "revision", "family", "backend"}
    return [{"name": n} | recipe.models[n].model_dump(include=keys) for n in names]


def restricted(recipe: Recipe, names: Iterable[str]) -> Recipe:
    """The recipe with only these of its models: no other is opened, and no other sees anything."""
    kept = set(names)
    return recipe.model_copy(
        update={"models": {n: c for n, c in recipe.models.items() if n in kept}}
    )


def recipe_folder(recipe: Path | None) -> Path:
    """Where the recipe's own paths begin: its folder, or here where the build's own recipe is used."""
    return recipe.resolve().parent if recipe is not None else Path.cwd()
