"""A server for words by a model; the recipe is in tests/pipelines/conftest.py."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.fakes.script import Script
from tests.fakes.server import FakeServer, serving


@pytest.fixture
def server(tmp_path: Path) -> Iterator[FakeServer]:
    """An honest fake; its log is beside the corpus."""
    with serving(Script(), tmp_path / "requests.jsonl") as running:
        yield running
