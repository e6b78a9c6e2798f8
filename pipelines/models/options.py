"""What a recipe's models mean to a step: the choices that change words, and apart from them, where to ask."""

from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Any

from expert_models.llm.choice import ModelChoice
from expert_models.registry import generator_row
from pipelines.recipe import Recipe
from schemas.ids import digest

FURTHER = 2  # further images of the same study that an item on several may speak of
PROMPTS = files("expert_models.writer") / "prompts"
CHANGES_WORDS = {"backend", "model", "revision", "structured", "images", "image_side"}


@dataclass(frozen=True)
class Where:
    """Addresses, limits and folders. They are not part of a step's key: an answer is the same anywhere."""

    answers: Path
    workers: int

    def of(self, recipe: Recipe) -> dict[str, Any]:
        """As the step's `where`; {} for a recipe without models."""
        if not recipe.models:
            return {}
        models = {name: choice.model_dump(mode="json") for name, choice in recipe.models.items()}
        return {"models": models, "answers": str(self.answers), "workers": self.workers}


def describing(recipe: Recipe) -> dict[str, Any]:
    """Options of the describe step."""
    if recipe.writing is None:
        return {"generator": recipe.generator, "question_limit": recipe.questions.limit}
    return {
        "generator": recipe.generator,
        "writing": recipe.writing.model_dump(mode="json"),
        "writer": identity(recipe.models[recipe.writing.model]),
        "prompts": prompts_digest(recipe.writing.prompts),
        "showing": showing(recipe),
        **judging(recipe),
    }


def judging(recipe: Recipe) -> dict[str, Any]:
    """Options of the verify step."""
    if recipe.verifying is None:
        return {}
    return {
        "verifying": recipe.verifying.model_dump(mode="json"),
        "judge": identity(recipe.models[recipe.verifying.model]),
        "judge_prompts": prompts_digest(recipe.verifying.prompts),
        "showing": showing(recipe),
    }


def showing(recipe: Recipe) -> dict[str, Any]:
    """How pictures are put before the models: one copy for writer and verifier, scaled once.

    Writing and verifying must see equal views, or no answer of the one step serves the other.
    """
    used = [recipe.models[c.model] for c in (recipe.writing, recipe.verifying) if c is not None]
    writing = recipe.writing
    return {
        "image_side": min(m.image_side for m in used),
        "images": any(m.images for m in used),
        "overlay": writing.overlay if writing else False,
        "notes": writing.notes if writing else False,
        "several": FURTHER if writing and writing.items.kinds.get("several") else 0,
    }


def identity(choice: ModelChoice) -> dict[str, Any]:
    """The parts of a choice that change what it says."""
    return choice.model_dump(mode="json", include=CHANGES_WORDS)


def prompts_digest(folder: Path | None) -> str | None:
    """Of a person's own prompts; the shipped ones are part of the code's digest."""
    if folder is None:
        return None
    return digest([[p.name, p.read_text("utf-8")] for p in sorted(folder.glob("*.j2"))])


def answers_folder(recipe: Recipe, recipe_folder: Path, out: Path) -> Path:
    """Where answers are kept: in the build, or where the recipe says, to be shared between builds."""
    if recipe.answers is None:
        return out.resolve() / "run" / "answers"
    return (recipe_folder / recipe.answers).resolve()


def generator_of(recipe: Recipe) -> dict[str, Any]:
    """The columns of `generator` in a released row: backend, model, revision, prompt_sha256."""
    if recipe.writing is None:
        return dict(generator_row(recipe.generator))
    choice = recipe.models[recipe.writing.model]
    return {
        "backend": choice.backend,
        "model": choice.model,
        "revision": choice.revision,
        "prompt_sha256": writer_prompts_digest(recipe.writing.prompts),
    }


def writer_prompts_digest(folder: Path | None) -> str:
    """Over all prompts of the writer as they are used: the shipped ones, and a person's own in their place."""
    texts = {p.name: p.read_text("utf-8") for p in PROMPTS.iterdir() if p.name.endswith(".j2")}
    own = sorted(folder.glob("*.j2")) if folder is not None else []
    texts |= {path.name: path.read_text("utf-8") for path in own}
    return digest([[name, texts[name]] for name in sorted(texts)])
