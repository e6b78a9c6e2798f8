"""A small corpus, built once a session, and the order to build it again."""

from collections.abc import Callable
from pathlib import Path

import pytest

from pipelines.build import Order, build
from pipelines.commit import sha256_of
from pipelines.demo.phantoms import write_phantoms
from pipelines.engines.inline import InlineEngine
from pipelines.progress import Progress
from pipelines.recipe import Recipe

SOURCES = Path(__file__).resolve().parents[2] / "pipelines" / "demo" / "sources"
SMALL = ("phantom-breast-ultrasound", "phantom-blood-smear", "phantom-chest-ct", "phantom-skin")


@pytest.fixture(scope="session")
def phantoms(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The drawn datasets, one folder each."""
    folder = tmp_path_factory.mktemp("phantoms")
    write_phantoms(folder)
    return folder


@pytest.fixture(scope="session")
def small_recipe() -> Recipe:
    """Four phantom datasets in four layouts, cut into shards small enough that there are several."""
    sources = [{"use": str(SOURCES / f"{name}.yaml")} for name in SMALL]
    return Recipe.model_validate({"name": "small", "sources": sources, "shards": {"items": 5}})


@pytest.fixture(scope="session")
def small_order(small_recipe: Recipe, phantoms: Path):
    """`small_order(out)`: the order to build the small corpus in OUT."""
    return lambda out: Order(small_recipe, SOURCES, out, phantoms)


@pytest.fixture(scope="session")
def digests():
    """`digests(out)`: every file of a corpus with its digest."""

    def of(out: Path) -> dict[str, str]:
        files = sorted(p for p in (out / "corpus").rglob("*") if p.is_file())
        return {p.relative_to(out).as_posix(): sha256_of(p) for p in files}

    return of


@pytest.fixture(scope="session")
def built(small_order, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The small corpus, built inline. Tests that change it work on a copy."""
    out = tmp_path_factory.mktemp("built")
    build(small_order(out), InlineEngine(1), Progress(out, quiet=True))
    return out


def recipe_of(url: str, **changes: object) -> Recipe:
    """Five phantoms of two kinds in three shards; writer and judge are the same fake under two names."""
    model = {"backend": "endpoint", "url": url, "reach": "local", "limits": {"concurrency": 16}}
    values = {
        "name": "told",
        "sources": [
            {"use": str(SOURCES / "phantom-breast-ultrasound.yaml"), "limit": 3},
            {"use": str(SOURCES / "phantom-blood-smear.yaml"), "limit": 2},
        ],
        "generator": "model",
        "models": {
            "writer": model | {"model": "fake-writer", "family": "fake"},
            "judge": model | {"model": "fake-judge", "family": "other"},
        },
        "writing": {"model": "writer", "items": {"per_image": 3}},
        "verifying": {"model": "judge"},
        "shards": {"items": 2},
    }
    return Recipe.model_validate(values | changes)


@pytest.fixture(scope="session")
def order_of(phantoms: Path) -> Callable[..., Order]:
    """`order_of(out, url, **changes)`: the order to build that corpus in OUT."""

    def order(out: Path, url: str, **changes: object) -> Order:
        return Order(recipe_of(url, **changes), SOURCES, out, phantoms)

    return order
