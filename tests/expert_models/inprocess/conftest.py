"""Tiny models and one loaded engine, made once for the tests of this folder."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from expert_models.llm.choice import ModelChoice


def choice(folder: Path | str, **fields: Any) -> ModelChoice:
    """A transformers model in a folder; a test names only the fields it is about."""
    given = {"backend": "transformers", "model": str(folder), "family": "tiny"} | fields
    return ModelChoice(**given)


@pytest.fixture(scope="session")
def chosen() -> Callable[..., ModelChoice]:
    return choice


@pytest.fixture(scope="session", autouse=True)
def one_thread() -> None:
    """Tiny matrices on several threads are slow where test processes share the cores."""
    try:
        import torch
    except ImportError:
        return
    torch.set_num_threads(1)


@pytest.fixture(scope="session")
def seeing(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a tiny model that sees."""
    pytest.importorskip("torch")
    from tests.real_engines.tiny_models import tiny_idefics3

    return tiny_idefics3(tmp_path_factory.mktemp("models") / "idefics3")


@pytest.fixture(scope="session")
def reading(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a tiny text model."""
    pytest.importorskip("torch")
    from tests.real_engines.tiny_models import tiny_llama

    return tiny_llama(tmp_path_factory.mktemp("models") / "llama")
