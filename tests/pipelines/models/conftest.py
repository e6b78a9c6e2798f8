"""A small corpus of phantoms, written and judged by a stand-in for a big model."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from pipelines.build import Order
from pipelines.recipe import Recipe
from tests.fakes.script import Script
from tests.fakes.server import FakeServer, serving

SOURCES = Path(__file__).resolve().parents[3] / "pipelines" / "demo" / "sources"


def recipe_of(url: str, **changes: object) -> Recipe:
    """Six phantoms of two kinds in three shards; writer and judge are the same fake under two names."""
    model = {"backend": "endpoint", "url": url, "reach": "local", "limits": {"concurrency": 16}}
    values = {
        "name": "told",
        "sources": [
            {"use": str(SOURCES / "phantom-breast-ultrasound.yaml"), "limit": 4},
            {"use": str(SOURCES / "phantom-blood-smear.yaml"), "limit": 2},
        ],
        "generator": "model",
        "models": {
            "writer": model | {"model": "fake-writer", "family": "fake"},
            "judge": model | {"model": "fake-judge", "family": "other"},
        },
        "writing": {"model": "writer"},
        "verifying": {"model": "judge"},
        "shards": {"items": 2},
    }
    return Recipe.model_validate(values | changes)


@pytest.fixture
def server(tmp_path: Path) -> Iterator[FakeServer]:
    """An honest fake; its log is beside the corpus."""
    with serving(Script(), tmp_path / "requests.jsonl") as running:
        yield running


@pytest.fixture(scope="session")
def order_of(phantoms: Path) -> Callable[..., Order]:
    """`order_of(out, url, **changes)`: the order to build that corpus in OUT."""

    def order(out: Path, url: str, **changes: object) -> Order:
        return Order(recipe_of(url, **changes), SOURCES, out, phantoms)

    return order
