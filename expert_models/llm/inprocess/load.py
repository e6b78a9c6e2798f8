"""The in-process engine that a recipe's model asks for."""

from importlib.util import find_spec

from expert_models.llm.choice import ModelChoice
from expert_models.llm.inprocess.base import BulkEngine

NEEDS = {
    "transformers": ("torch", "transformers"),
    "vllm": ("vllm",),
}


def load_engine(choice: ModelChoice) -> BulkEngine:
    """The engine, its weights in memory.

    Raises ValueError where the backend is no in-process one or a setting is wrong, ModuleNotFoundError
    where a package is missing (the message names the one to install), OSError where there is no model.
    """
    engine = engine_of(choice)
    missing = [package for package in NEEDS[choice.backend] if find_spec(package) is None]
    if missing:
        raise ModuleNotFoundError(
            f"backend {choice.backend} needs {', '.join(missing)}; see docs/backends.md for what to install"
        )
    engine.load()
    return engine


def engine_of(choice: ModelChoice) -> BulkEngine:
    """The engine, not loaded: for its card, and to have settings checked early."""
    if choice.backend == "transformers":
        from expert_models.llm.inprocess.transformers_engine import TransformersEngine

        return TransformersEngine(choice)
    if choice.backend == "vllm":
        from expert_models.llm.inprocess.vllm_engine import VllmEngine

        return VllmEngine(choice)
    raise ValueError(f"backend {choice.backend!r} is not loaded by medgrain")
