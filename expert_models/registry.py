"""Every model that a recipe can name."""

from collections.abc import Callable
from functools import cache

from expert_models.base import Card, Generator
from expert_models.facts import Facts

GENERATORS: dict[str, Callable[[], Generator]] = {"facts": Facts}


def cards() -> list[Card]:
    """The cards of all models, by name. Loads none of them."""
    return [GENERATORS[name]().card for name in sorted(GENERATORS)]


@cache
def load_generator(name: str) -> Generator:
    """The generator of this name, ready to write; one a process. Raises ValueError on another."""
    if name not in GENERATORS:
        raise ValueError(
            f"no generator is called {name!r}; there are: {', '.join(sorted(GENERATORS))}"
        )
    generator = GENERATORS[name]()
    generator.load()
    return generator


def generator_row(name: str) -> dict[str, str]:
    """The columns of `generator` in a released row: backend, model, revision, prompt_sha256."""
    card = load_generator(name).card
    return {
        "backend": card.backend,
        "model": card.name,
        "revision": card.revision,
        "prompt_sha256": card.prompt_sha256,
    }
