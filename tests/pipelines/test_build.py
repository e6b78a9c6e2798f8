"""The whole walk on phantoms: same bytes everywhere, resume, repair, and what a reader sees."""

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from pipelines.build import build
from pipelines.check_release import check_release
from pipelines.engines.inline import InlineEngine
from pipelines.progress import Progress


def events(out: Path) -> list[dict]:
    return [json.loads(line) for line in (out / "run" / "log.jsonl").read_text().splitlines()]


def rebuild(order, engine=None):
    return build(order, engine or InlineEngine(1), Progress(order.out, quiet=True))


def test_every_promise_holds(built: Path) -> None:
    assert check_release(built) == []


def test_the_corpus_loads_with_decoded_images_and_streams(built: Path) -> None:
    from datasets import load_dataset

    cache = str(built / "cache")
    triplets = load_dataset(str(built / "corpus"), "triplets", cache_dir=cache)
    row = next(iter(triplets.values()))[0]
    assert row["image"].size == (row["width"], row["height"])
    assert row["description"].startswith(row["sentences"][0]["text"])
    stream = load_dataset(str(built / "corpus"), "vqa", streaming=True, cache_dir=cache)
    first = next(iter(next(iter(stream.values()))))
    assert first["image"].size[0] > 0
    assert first["question"].endswith("?")
    shutil.rmtree(cache)


def test_a_second_build_does_nothing(digests, built: Path, small_order, tmp_path: Path) -> None:
    shutil.copytree(built, tmp_path, dirs_exist_ok=True)
    before = len(events(tmp_path))
    rebuild(small_order(tmp_path))
    assert not [e for e in events(tmp_path)[before:] if e["event"] == "committed"]
    assert digests(tmp_path) == digests(built)


def test_a_damaged_work_shard_is_made_again_and_nothing_else(
    digests, built: Path, small_order, tmp_path: Path
) -> None:
    shutil.copytree(built, tmp_path, dirs_exist_ok=True)
    victim = next((tmp_path / "run" / "describe" / "data").glob("*.described.parquet"))
    data = bytearray(victim.read_bytes())
    data[len(data) // 2] ^= 1
    victim.write_bytes(data)
    before = len(events(tmp_path))
    rebuild(small_order(tmp_path))
    redone = [
        (e["phase"], e["shard"]) for e in events(tmp_path)[before:] if e["event"] == "committed"
    ]
    assert redone == [("describe", victim.name.split(".")[0])]
    assert digests(tmp_path) == digests(built)


def test_killed_in_the_middle_and_resumed(
    digests, built: Path, small_order, small_recipe, phantoms: Path, tmp_path: Path
) -> None:
    """SIGKILL to the whole process group, twice, at different moments; then to the end."""
    recipe = tmp_path / "recipe.json"  # JSON is YAML
    recipe.write_text(small_recipe.model_dump_json())
    out = tmp_path / "out"
    command = [sys.executable, "-m", "pipelines.cli", "build", str(recipe), "--out", str(out),
               "--data-root", str(phantoms), "--workers", "2", "--quiet"]  # fmt: skip
    for commits in (3, 9):
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL, start_new_session=True)
        try:
            wait_for_commits(out, commits, process)
        finally:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
    done_before = {(e["phase"], e["shard"]) for e in events(out) if e["event"] == "committed"}
    assert not (out / "corpus" / "manifest.jsonl").exists()
    cut = len(events(out))
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    redone = {(e["phase"], e["shard"]) for e in events(out)[cut:] if e["event"] == "committed"}
    assert redone
    assert not redone & done_before
    assert digests(out) == digests(built)


def wait_for_commits(out: Path, count: int, process: subprocess.Popen) -> None:
    """Until the log shows `count` commits; fails when the build ends first."""
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        log = out / "run" / "log.jsonl"
        if log.exists() and log.read_text().count('"event": "committed"') >= count:
            return
        assert process.poll() is None, "the build ended before it could be killed"
        time.sleep(0.01)
    raise AssertionError(f"fewer than {count} commits in 60 s")


def test_one_flipped_byte_is_found_and_named(built: Path, tmp_path: Path) -> None:
    shutil.copytree(built, tmp_path, dirs_exist_ok=True)
    victim = sorted((tmp_path / "corpus" / "data" / "triplets").glob("*.parquet"))[0]
    data = bytearray(victim.read_bytes())
    data[len(data) // 3] ^= 1
    victim.write_bytes(data)
    assert check_release(tmp_path) == [
        (f"data/triplets/{victim.name}", "sha256 differs from the manifest")
    ]


def test_a_stray_file_is_named(built: Path, tmp_path: Path) -> None:
    shutil.copytree(built, tmp_path, dirs_exist_ok=True)
    (tmp_path / "corpus" / "data" / "vqa" / "notes.txt").write_text("x")
    assert check_release(tmp_path) == [("data/vqa/notes.txt", "not in the manifest")]


def test_one_build_at_a_time(small_order, tmp_path: Path) -> None:
    from pipelines.errors import BusyError
    from pipelines.lock import locked

    script = "import sys, pathlib; from pipelines.lock import locked\nwith locked(pathlib.Path(sys.argv[1])): print('held', flush=True); sys.stdin.read()"
    holder = subprocess.Popen(
        [sys.executable, "-c", script, str(tmp_path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    try:
        assert holder.stdout is not None
        assert holder.stdout.readline() == b"held\n"
        with pytest.raises(BusyError, match=str(holder.pid)), locked(tmp_path):
            pass
    finally:
        holder.communicate()
    with locked(tmp_path):
        pass


def test_a_changed_recipe_leaves_no_file_of_the_old_one(
    built: Path, small_order, tmp_path: Path
) -> None:
    shutil.copytree(built, tmp_path, dirs_exist_ok=True)
    order = small_order(tmp_path)
    fewer = order.recipe.model_copy(update={"sources": order.recipe.sources[:1]})
    rebuild(type(order)(fewer, order.recipe_folder, order.out, order.data_root))
    assert check_release(tmp_path) == []
    names = {
        p.relative_to(tmp_path / "corpus").as_posix()
        for p in (tmp_path / "corpus").rglob("*.parquet")
    }
    table = [pq.read_table(tmp_path / "corpus" / n, columns=["source"])["source"] for n in names]
    assert {value for column in table for value in column.to_pylist()} == {
        fewer.sources[0].use.split("/")[-1].removesuffix(".yaml")
    }
