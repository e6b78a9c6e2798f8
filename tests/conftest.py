"""Shared fixtures: where the real samples lie, one Ray start per session."""

import os
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]


@pytest.fixture(scope="session")
def samples() -> Path:
    """The folder of real sample data: $MEDGRAIN_SAMPLES, else ../shared/data beside the checkout."""
    path = Path(os.environ.get("MEDGRAIN_SAMPLES", ROOT.parent / "shared" / "data"))
    if not path.is_dir():
        pytest.skip("no sample data: set MEDGRAIN_SAMPLES to a folder with the datasets")
    return path
