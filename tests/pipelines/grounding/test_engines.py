"""Experts look alike on every engine, and through actors as in the worker itself."""

import shutil
from pathlib import Path

import pytest

from pipelines.build import Order, build
from pipelines.catalogue import resolve
from pipelines.check_release import check_release
from pipelines.commit import read_record
from pipelines.engines.choose import engine_of
from pipelines.engines.inline import InlineEngine
from pipelines.grounding.routes import resolve_grounding
from pipelines.plan import ground_task, plan_shards
from pipelines.progress import Progress
from pipelines.recipe import Recipe
from pipelines.task import Task, folder_of
from tests.pipelines.conftest import SOURCES

NAMES = ("phantom-fundus", "phantom-skin", "phantom-blood-smear")


@pytest.fixture(scope="module")
def order(phantoms: Path, tmp_path_factory: pytest.TempPathFactory) -> Order:
    sources = [{"use": str(SOURCES / f"{name}.yaml"), "limit": 1} for name in NAMES]
    values = {"name": "grounded", "sources": sources, "shards": {"items": 1}, "grounding": {}}
    recipe = Recipe.model_validate(values)
    return Order(recipe, SOURCES, tmp_path_factory.mktemp("grounded"), phantoms)


@pytest.fixture(scope="module")
def grounded(order: Order) -> Path:
    build(order, InlineEngine(1), Progress(order.out, quiet=True))
    return order.out


def ground_again(order: Order, out: Path, engine) -> list[Task]:
    """What `grounded` rests on, with the ground stage run by another engine."""
    shutil.copytree(order.out, out, dirs_exist_ok=True)
    shutil.rmtree(folder_of(out, "ground"))
    recipe = order.recipe
    grounding = resolve_grounding(recipe.grounding, SOURCES)
    sources = resolve(recipe, recipe_folder=SOURCES, data_root=order.data_root)
    tasks = [ground_task(recipe, out, s, grounding) for s in plan_shards(recipe, sources)]
    try:
        engine.run(tasks)
    finally:
        engine.close()
    return tasks


def test_a_grounded_corpus_keeps_every_promise(grounded: Path) -> None:
    assert check_release(grounded) == []


def same(tasks: list[Task], out: Path, other: Path) -> bool:
    """Keys and bytes of every ground commit."""
    pairs = [[read_record(folder_of(p, "ground"), t.shard) for p in (out, other)] for t in tasks]
    assert all(one is not None and one.counts["images"] for one, _ in pairs)
    return [(a.key, a.digest()) for a, _ in pairs] == [(b.key, b.digest()) for _, b in pairs]


@pytest.mark.engine
@pytest.mark.parametrize("name", ["inline", "ray", "beam"])
def test_engines_ground_to_the_same_bytes(
    grounded: Path, order: Order, tmp_path: Path, name: str, ray_session
) -> None:
    tasks = ground_again(order, tmp_path, engine_of(name, 1 if name == "beam" else 2))
    assert same(tasks, tmp_path, grounded)


@pytest.mark.engine
def test_experts_in_actors_give_the_same_bytes(
    grounded: Path, order: Order, tmp_path: Path, ray_session, monkeypatch: pytest.MonkeyPatch
) -> None:
    import ray

    from pipelines.engines import experts_ray
    from pipelines.engines.ray import RayEngine

    asked = []
    end = experts_ray.end_hosts
    count = lambda hosts: asked.extend(ray.get([host.scans.remote() for host in hosts]))  # noqa: E731
    monkeypatch.setattr(experts_ray, "end_hosts", lambda hosts: (count(hosts), end(hosts)))
    tasks = ground_again(order, tmp_path, RayEngine(2, expert_hosts=2))
    assert same(tasks, tmp_path, grounded)
    assert len(asked) == 2
    assert sum(asked) >= 3  # every image went to an actor
