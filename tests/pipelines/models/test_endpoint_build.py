"""Words by an endpoint: the same bytes on every engine, no answered request sent twice, loud when refused."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pyarrow.parquet as pq
import pytest
import yaml

from pipelines.build import build
from pipelines.check_release import check_release
from pipelines.engines.inline import InlineEngine
from pipelines.errors import StoppedError, UsageError
from pipelines.progress import Progress
from pipelines.summary import BuildSummary
from tests.fakes.log import asked_again, read_log
from tests.fakes.script import Fault, Rule, Script
from tests.fakes.server import FakeServer, serving

ROOT = Path(__file__).resolve().parents[3]


def run(order, engine=None) -> BuildSummary:
    return build(order, engine or InlineEngine(1), Progress(order.out, quiet=True))


def rows(out: Path, config: str) -> list[dict]:
    files = sorted((out / "corpus" / "data" / config).glob("*.parquet"))
    return [row for path in files for row in pq.read_table(path).to_pylist()]


def test_every_row_names_its_basis_its_prompt_and_its_judge(
    order_of, server: FakeServer, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    summary = run(order_of(out, server.url))
    assert check_release(out) == []
    triplets, items = rows(out, "triplets"), rows(out, "vqa")
    assert len(triplets) == 5
    assert summary.questions == len(items) > 0
    for row in triplets:
        assert all(s["fact_ids"] for s in row["sentences"])
        assert row["generator"]["model"] == "fake-writer"
        assert len(row["generator"]["prompt_sha256"]) == 64
        gates = {v["gate"]: v for v in row["verdicts"]}
        assert gates["rubric_sentence"]["passed"]
    for item in items:
        gates = {v["gate"] for v in item["verdicts"]}
        assert {"key", "rubric_answer", "rubric_essential", "rubric_score"} <= gates
        assert not item["options"] or len(item["options"]) in (2, 5)


def test_a_second_build_asks_nothing_and_is_the_same(
    order_of, server: FakeServer, digests, tmp_path: Path
) -> None:
    """Not even where all words are made again: another folder, the same store of answers."""
    shared = {"answers": str(tmp_path / "answers")}
    run(order_of(tmp_path / "a", server.url, **shared))
    asked = server.requests
    assert asked > 30
    summary = run(order_of(tmp_path / "b", server.url, **shared))
    assert server.requests == asked
    assert summary.asked == 0
    assert digests(tmp_path / "b") == digests(tmp_path / "a")


def test_another_shard_size_asks_nothing(order_of, server: FakeServer, tmp_path: Path) -> None:
    """Answers are found by content, not by the shard they were asked for."""
    shared = {"answers": str(tmp_path / "answers"), "verifying": {"model": "judge", "blind": None}}
    run(order_of(tmp_path / "a", server.url, **shared))
    asked = server.requests
    run(order_of(tmp_path / "b", server.url, **shared, shards={"items": 3}))
    assert server.requests == asked


def test_a_changed_prompt_is_asked_anew(order_of, server: FakeServer, tmp_path: Path) -> None:
    shared = {"answers": str(tmp_path / "answers")}
    run(order_of(tmp_path / "a", server.url, **shared))
    asked = server.requests
    prompts = tmp_path / "prompts"
    prompts.mkdir()
    shipped = ROOT / "expert_models" / "writer" / "prompts" / "describe_system.j2"
    text = shipped.read_text("utf-8").replace("Plain words.", "Plain and short words.")
    (prompts / "describe_system.j2").write_text(text, "utf-8")
    run(order_of(tmp_path / "b", server.url, **shared,
                 writing={"model": "writer", "prompts": str(prompts), "items": {"per_image": 3}}))  # fmt: skip
    assert server.requests >= asked + 5  # at least one description an image


def test_killed_and_resumed_no_answered_request_is_sent_again(
    order_of, digests, tmp_path: Path, phantoms: Path
) -> None:
    """The server falls silent half-way, so that what is answered is known when the build is killed."""
    log, out = tmp_path / "requests.jsonl", tmp_path / "out"
    silent = Script(rules=(Rule(Fault("silence"), first=40),))
    with serving(silent, log) as server:
        recipe = tmp_path / "recipe.yaml"
        values = order_of(out, server.url).recipe.model_dump(mode="json", exclude_none=True)
        recipe.write_text(yaml.safe_dump(values), "utf-8")
        command = [sys.executable, "-m", "pipelines.cli", "build", str(recipe), "--out", str(out),
                   "--data-root", str(phantoms), "--workers", "2", "--quiet"]  # fmt: skip
        process = subprocess.Popen(command, cwd=ROOT, start_new_session=True)
        wait_until(lambda: server.requests > 40 and settled(log), process)
        os.killpg(process.pid, signal.SIGKILL)
        process.wait(30)
        before = len(read_log(log))
        server.script = Script()
        run(order_of(out, server.url), InlineEngine(1))
        asked = read_log(log)
    assert len(asked) > before
    assert asked_again(asked, before) == []
    with serving(Script()) as fresh:
        run(order_of(tmp_path / "undisturbed", fresh.url))
    assert digests(out) == digests(tmp_path / "undisturbed")


def settled(log: Path) -> bool:
    """Every one of the first forty requests has its answer, and the client had time to keep it."""
    first = read_log(log)[:40]
    if len(first) < 40 or any(a.answered_s is None for a in first):
        return False
    time.sleep(0.5)
    return True


def wait_until(done, process: subprocess.Popen) -> None:
    for _ in range(600):
        if done():
            return
        assert process.poll() is None, "the build ended before it could be killed"
        time.sleep(0.1)
    raise AssertionError("the build never came as far as it should")


@pytest.mark.parametrize("status", [401, 404])
def test_a_refused_key_or_model_stops_the_build_and_says_why(
    order_of, tmp_path: Path, status: int
) -> None:
    refusing = Script(rules=(Rule(Fault("status", status=status)),))
    with serving(refusing) as server:
        with pytest.raises(StoppedError, match=str(status)):
            run(order_of(tmp_path / "out", server.url))
        assert server.requests <= 40  # those that were in flight, and no row after them
        assert not (tmp_path / "out" / "corpus" / "manifest.jsonl").exists()
        server.script = Script()
        run(order_of(tmp_path / "out", server.url))
    assert check_release(tmp_path / "out") == []


def test_terms_refuse_before_the_first_byte_leaves(
    order_of, server: FakeServer, tmp_path: Path
) -> None:
    order = order_of(tmp_path / "out", server.url)
    deaf = tmp_path / "deaf.yaml"
    text = Path(order.recipe.sources[0].use).read_text("utf-8")
    deaf.write_text("\n".join(x for x in text.splitlines() if not x.startswith("endpoints:")))
    sources = [{"use": str(deaf)}]
    with pytest.raises(UsageError, match="no endpoint"):
        run(order_of(tmp_path / "out", server.url, sources=sources))
    assert server.requests == 0
    assert not (tmp_path / "out" / "run").exists()


def test_rows_of_a_server_that_fails_on_them_are_rejects_and_not_answers(
    order_of, tmp_path: Path
) -> None:
    """A failure is a row's misfortune, kept with its reason; the next build asks again."""
    shared = {"answers": str(tmp_path / "answers")}
    broken = Script(rules=(Rule(Fault("status", status=400), contains="Describe this image"),))
    with serving(broken) as server:
        summary = run(order_of(tmp_path / "a", server.url, **shared))
        assert summary.rejects["request_refused"] == 5
        assert summary.sentences == 0
        server.script = Script()
        assert run(order_of(tmp_path / "b", server.url, **shared)).sentences > 12
