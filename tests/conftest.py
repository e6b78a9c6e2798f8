"""Shared fixtures: where the real samples lie, one Ray start per session."""

import os
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).resolve().parents[1]


@pytest.fixture(scope="session")
def samples() -> Path:
    """The folder of real sample data: $MEDGRAIN_SAMPLES, else ../shared/data beside the checkout."""
    path = Path(os.environ.get("MEDGRAIN_SAMPLES", ROOT.parent / "shared" / "data"))
    if not path.is_dir():
        pytest.skip("no sample data: set MEDGRAIN_SAMPLES to a folder with the datasets")
    return path


@pytest.fixture(scope="session")
def sheets() -> ModuleType:
    """The module of the tests of words: makers of fact sheets, and SHEETS by name."""
    from tests.transforms.words import sheets as made

    return made


@pytest.fixture(scope="session")
def ray_session(request: pytest.FixtureRequest):
    """One Ray for the whole test session: a start takes seconds, and engines join what is running."""
    wanted = any(item.get_closest_marker("engine") for item in request.session.items)
    if not wanted:
        yield
        return
    os.environ["RAY_DATA_USE_DATASOURCE_V2"] = "0"
    os.environ["RAY_USAGE_STATS_ENABLED"] = "0"
    import ray

    ray.init(
        num_cpus=2,
        object_store_memory=200 * 1024**2,
        include_dashboard=False,
        log_to_driver=False,
        logging_level="ERROR",
    )
    yield
    ray.shutdown()
