"""Experts look alike on every engine, and through actors as in the worker itself."""

import os
import shutil
from pathlib import Path

import numpy as np
import pytest

from expert_models.experts.base import Refusal, Scan
from pipelines.build import Order, build
from pipelines.check_release import check_release
from pipelines.commit import read_record
from pipelines.engines.choose import engine_of
from pipelines.engines.experts_ray import end_hosts
from pipelines.engines.inline import InlineEngine
from pipelines.errors import StoppedError
from pipelines.grounding.choice import GroundingChoice
from pipelines.grounding.routes import resolve_grounding
from pipelines.grounding.steps import ground_options, where_of
from pipelines.progress import Progress
from pipelines.recipe import Recipe
from pipelines.task import Need, Step, Task, folder_of
from tests.pipelines.conftest import SOURCES
from tests.pipelines.grounding.scene import Rows, disc


def test_a_grounded_corpus_keeps_every_promise(phantoms: Path, tmp_path: Path) -> None:
    source = {"use": str(SOURCES / "phantom-skin.yaml"), "limit": 2}
    recipe = Recipe.model_validate({"name": "grounded", "sources": [source], "grounding": {}})
    order = Order(recipe, SOURCES, tmp_path, phantoms)
    build(order, InlineEngine(1), Progress(tmp_path, quiet=True))
    assert check_release(tmp_path) == []


def skin(row: int, column: int, radius: int) -> np.ndarray:
    """[128, 160, 3] uint8: pale, with a dark spot."""
    display = np.full((128, 160, 3), (214, 178, 160), np.uint8)
    display[disc(row, column, radius, (128, 160))] = (96, 58, 46)
    return display + (np.arange(160) % 5).astype(np.uint8)[:, None]


def tasks_in(out: Path) -> list[Task]:
    """Three shards of two pictures, to be grounded by the shipped routes."""
    rows = Rows(out)
    for n in range(6):
        rows.add(skin(40 + 8 * n, 60 + 9 * n, 18 + n), modality="DMS", anatomy="skin")
    grounding = resolve_grounding(GroundingChoice(), out)
    options, where = ground_options(grounding, 12), where_of(grounding, grounding.pictures)
    needs = lambda name: (Need("ingest", name, "images"), Need("curate", "all", name))  # noqa: E731
    return [
        Task(str(out), name, (Step("ground", options, needs(name), where),))
        for name in rows.commit(3)
    ]


def grounded(out: Path, engine) -> list[str]:
    """The content of every shard, grounded by an engine."""
    tasks = tasks_in(out)
    shutil.rmtree(folder_of(out, "ground"), ignore_errors=True)
    try:
        engine.run(tasks)
    finally:
        engine.close()
    done = [read_record(folder_of(out, "ground"), task.shard) for task in tasks]
    assert all(one is not None and one.counts["regions"] == 2 for one in done)
    return [one.digest() for one in done if one is not None]


@pytest.mark.engine
@pytest.mark.parametrize("name", ["ray", "beam"])
def test_engines_ground_to_the_same_bytes(tmp_path: Path, name: str, ray_session: None) -> None:
    there = grounded(tmp_path / "there", engine_of(name, 1 if name == "beam" else 2))
    assert there == grounded(tmp_path / "here", InlineEngine(1))


@pytest.mark.engine
def test_experts_in_actors_give_the_same_bytes(
    tmp_path: Path, ray_session: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    import ray

    from pipelines.engines import experts_ray
    from pipelines.engines.ray import RayEngine

    asked = []
    end = experts_ray.end_hosts

    def count_and_end(hosts) -> None:
        asked.extend(ray.get([host.scans.remote() for host in hosts]))
        end(hosts)

    monkeypatch.setattr(experts_ray, "end_hosts", count_and_end)
    there = grounded(tmp_path / "there", RayEngine(2, expert_hosts=2))
    assert there == grounded(tmp_path / "here", InlineEngine(1))
    assert len(asked) == 2
    assert sum(asked) == 6  # every picture went to an actor


def host_that_dies(of: str, restarts: int):
    """An actor whose process dies of a picture; of "" it dies of any. Its class travels by value: a process
    that is started again and again imports none of what this file does."""
    import ray

    class Dies:
        def predict(self, name: str, where: dict, scans: list) -> list:
            if any(of in scan.id for scan in scans):
                os._exit(1)
            return [[] for _ in scans]

    return ray.remote(num_cpus=0, max_restarts=restarts)(Dies).remote()


@pytest.mark.engine
def test_a_picture_that_kills_its_actor_costs_itself(
    ray_session: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    from pipelines.engines import experts_ray

    monkeypatch.setattr(experts_ray, "TRIES", 2)
    host = host_that_dies("bad", restarts=9)
    scans = [scan_named(name) for name in ("a", "bad")]
    said = experts_ray.door_to([host], everything=True)("any", {}, scans)
    assert said[0] == []
    assert isinstance(said[1], Refusal)
    assert said[1].reason == "expert_failed"
    end_hosts([host])


@pytest.mark.engine
def test_an_actor_that_always_dies_stops_the_build(ray_session: None) -> None:
    from pipelines.engines.experts_ray import door_to

    host = host_that_dies("", restarts=0)
    with pytest.raises(StoppedError, match="died more often"):
        door_to([host], everything=True)("any", {}, [scan_named("a")])


def scan_named(name: str) -> Scan:
    return Scan(name, np.zeros((4, 4), np.uint8), "ES")
