"""The fact sheets of the tests of words, for tests of prompts."""

import importlib.util
from pathlib import Path
from types import ModuleType

import pytest


@pytest.fixture(scope="session")
def sheets() -> ModuleType:
    """The module of the tests of words: makers of fact sheets, and SHEETS by name."""
    path = Path(__file__).parents[1] / "words" / "sheets.py"
    spec = importlib.util.spec_from_file_location("fact_sheets", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
