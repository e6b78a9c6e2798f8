"""Folders of tiny models, made once a session."""

import os
from pathlib import Path

import pytest


@pytest.fixture(scope="session", autouse=True)
def one_thread() -> None:
    """Tiny matrices on several threads are slow where test processes share the cores."""
    torch = pytest.importorskip("torch")
    torch.set_num_threads(1)


@pytest.fixture(scope="session")
def tiny_text(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A text model (Llama)."""
    from tests.real_engines.tiny_models import tiny_llama

    return tiny_llama(tmp_path_factory.mktemp("models") / "llama")


@pytest.fixture(scope="session")
def tiny_seeing(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model that sees (Idefics3)."""
    from tests.real_engines.tiny_models import tiny_idefics3

    return tiny_idefics3(tmp_path_factory.mktemp("models") / "idefics3")


@pytest.fixture(scope="session")
def vllm_python() -> Path:
    """The Python of an environment with vLLM (`make test-engines` builds one)."""
    given = os.environ.get("MEDGRAIN_VLLM_PYTHON")
    if not given:
        pytest.skip("no vLLM: set MEDGRAIN_VLLM_PYTHON, or run `make test-engines`")
    return Path(given)
