"""Every engine runs every task once and passes failures on."""

from pathlib import Path

import pytest

from pipelines.build import build
from pipelines.commit import read_record
from pipelines.engines.choose import NAMES, engine_of
from pipelines.errors import UsageError
from pipelines.progress import Progress
from pipelines.task import Step, Task, folder_of
from tests.fakes.script import Script
from tests.fakes.server import serving

ENGINES = [
    "inline",
    pytest.param("ray", marks=pytest.mark.engine),
    pytest.param("beam", marks=pytest.mark.engine),
]


def curate_task(out: Path, shard: str, *, broken: bool = False) -> Task:
    """The cheapest real step there is: curate over no shards."""
    splits = {"train": 1.0, "validation": 0.0, "test": 0.0, "origin": True}
    options = {"shards": [["absent", "s"]] if broken else [], "splits": splits, "key": shard}
    return Task(str(out), shard, (Step("curate", options),))


@pytest.fixture(params=ENGINES)
def name(request: pytest.FixtureRequest) -> str:
    return request.param


@pytest.fixture(params=[1, 2])
def workers(request: pytest.FixtureRequest) -> int:
    return request.param


def test_every_task_is_committed_once(
    tmp_path: Path, name: str, workers: int, ray_session: None
) -> None:
    engine = engine_of(name, workers)
    try:
        engine.run([curate_task(tmp_path, f"s{n}") for n in range(5)])
    finally:
        engine.close()
    records = [read_record(folder_of(tmp_path, "curate"), f"s{n}") for n in range(5)]
    assert [r.shard for r in records if r] == ["s0", "s1", "s2", "s3", "s4"]
    events = (tmp_path / "run" / "log.jsonl").read_text().splitlines()
    assert len(events) == 5


def test_a_failure_reaches_the_driver_and_the_log(
    tmp_path: Path, name: str, ray_session: None
) -> None:
    engine = engine_of(name, 2)
    tasks = [curate_task(tmp_path, "good"), curate_task(tmp_path, "bad", broken=True)]
    try:
        with pytest.raises(Exception, match="absent is not committed"):
            engine.run(tasks)
    finally:
        engine.close()
    assert '"event": "failed"' in (tmp_path / "run" / "log.jsonl").read_text()


def test_no_tasks_is_no_work(name: str) -> None:
    engine = engine_of(name, 2)
    engine.run([])
    engine.close()


def test_unknown_engines_and_worker_counts_are_usage_errors() -> None:
    assert NAMES == ("inline", "ray", "beam")
    with pytest.raises(UsageError, match="one of inline, ray, beam"):
        engine_of("spark", 2)
    with pytest.raises(UsageError, match="at least 1"):
        engine_of("inline", 0)


@pytest.mark.engine
@pytest.mark.parametrize(("name", "workers"), [("inline", 2), ("ray", 2), ("beam", 1), ("beam", 2)])
def test_engines_and_workers_give_the_same_bytes(
    built: Path, small_order, digests, tmp_path: Path, name: str, workers: int, ray_session: None
) -> None:
    engine = engine_of(name, workers)
    try:
        build(small_order(tmp_path), engine, Progress(tmp_path, quiet=True))
    finally:
        engine.close()
    assert digests(tmp_path) == digests(built)


@pytest.mark.engine
def test_three_engines_have_the_same_words_written(
    order_of, digests, tmp_path: Path, ray_session: None
) -> None:
    """Each with a store of its own, so each asks for itself."""
    made = {}
    for name in ("inline", "ray", "beam"):
        with serving(Script()) as server:
            out = tmp_path / name
            engine = engine_of(name, 2)
            try:
                build(order_of(out, server.url), engine, Progress(out, quiet=True))
            finally:
                engine.close()
            assert server.requests > 30
        made[name] = digests(out)
    assert made["inline"] == made["ray"] == made["beam"]
