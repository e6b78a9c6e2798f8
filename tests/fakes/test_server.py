"""The fake server itself: a function of the request, the same faults for every client, a log that holds."""

import json
import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.fakes.log import asked_again, read_log, repeated, slots_busy
from tests.fakes.script import Fault, Rule, Script, draw
from tests.fakes.server import serving

ROOT = Path(__file__).resolve().parents[2]


def post(url: str, text: str, **fields: object) -> tuple[int, dict]:
    """Status and JSON of one plain call."""
    body = {"model": "m", "messages": [{"role": "user", "content": text}], **fields}
    request = urllib.request.Request(
        f"{url}/chat/completions", json.dumps(body).encode(), method="POST"
    )
    try:
        with urllib.request.urlopen(request, timeout=10) as response:
            return response.status, json.load(response)
    except urllib.error.HTTPError as error:
        return error.code, {}


def test_an_answer_depends_on_the_request_alone() -> None:
    with serving(Script(model="echo")) as one, serving(Script(model="echo")) as other:
        post(one.url, "first")  # what was asked before makes no difference
        assert post(one.url, "second") == post(other.url, "second")
        assert post(one.url, "second") != post(one.url, "third")


def test_draws_are_uniform_and_differ_by_attempt() -> None:
    drawn = [draw(f"prompt {n}", 0, "rule 0") for n in range(2000)]
    assert 0.015 < sum(d < 0.03 for d in drawn) / 2000 < 0.05
    assert draw("p", 0, "rule 0") != draw("p", 1, "rule 0") != draw("p", 1, "rule 1")


def test_a_share_strikes_the_same_prompts_in_any_order() -> None:
    half = Script(model="echo", rules=(Rule(Fault("status", status=500), share=0.5),))
    prompts = [f"prompt {n}" for n in range(12)]
    with serving(half) as one, serving(half) as other:
        there = {p: post(one.url, p)[0] for p in prompts}
        back = {p: post(other.url, p)[0] for p in reversed(prompts)}
    assert there == back
    assert set(there.values()) == {200, 500}


def test_rules_by_attempt_number_and_text() -> None:
    rules = (
        Rule(
            Fault("status", status=429, headers={"Retry-After": "7"}),
            attempts=(0,),
            contains="busy",
        ),
        Rule(Fault("status", status=503), first=3, last=5),
    )
    with serving(Script(model="echo", rules=rules)) as server:
        found = [post(server.url, t)[0] for t in ("busy", "busy", "a", "a", "a", "a")]
    assert found == [429, 200, 200, 503, 503, 200]


def test_the_log_tells_what_was_asked_twice(tmp_path: Path) -> None:
    path = tmp_path / "log"
    rules = (Rule(Fault("status", status=500), contains="bad"),)
    with serving(Script(model="echo", rules=rules), path) as server:
        for text in ("good", "bad", "good", "bad", "other"):
            post(server.url, text)
        post(server.url, "other", temperature=0.5)  # other sampling: same prompt, another key
    asked = read_log(path)
    assert [a.status for a in asked] == [200, 500, 200, 500, 200, 200]
    assert set(repeated(asked)) == {asked[0].key, asked[1].key}
    assert asked_again(asked, since=2) == [asked[0].key]  # the bad one never had an answer
    assert asked[5].key != asked[4].key
    assert asked[5].prompt == asked[4].prompt


def test_the_log_outlives_a_killed_server_and_a_torn_line(tmp_path: Path) -> None:
    path, script = tmp_path / "log", tmp_path / "script.json"
    script.write_text(json.dumps({"model": "echo", "slots": 1, "latency_s": 0.02}))
    command = [sys.executable, "-m", "tests.fakes.server", "--script", script, "--log", path]
    server = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE)
    url = json.loads(server.stdout.readline())["url"]
    post(url, "first")
    post(url, "second")
    for _ in range(100):  # the line of an answer follows it by one turn of the server's loop
        if [a.status for a in read_log(path)] == [200, 200]:
            break
        time.sleep(0.05)
    os.kill(server.pid, signal.SIGKILL)
    server.wait()
    server.stdout.close()
    with path.open("ab") as file:
        file.write(b'{"event":"answered","num')
    assert [a.status for a in read_log(path)] == [200, 200]
    assert 0 < slots_busy(read_log(path), slots=1) <= 1


def test_slots_answer_so_many_at_a_time(tmp_path: Path) -> None:
    path = tmp_path / "log"
    script = Script(model="echo", slots=2, latency_s=0.05)
    with serving(script, path) as server, ThreadPoolExecutor(6) as pool:
        list(pool.map(lambda n: post(server.url, f"prompt {n}"), range(6)))
    spans = sorted((a.started_s, a.answered_s) for a in read_log(path))
    for start, _ in spans:
        assert sum(s <= start < e for s, e in spans) <= 2
    assert slots_busy(read_log(path), slots=2) > 0.5
    assert slots_busy(read_log(path), slots=2) == pytest.approx(
        2 * slots_busy(read_log(path), slots=4)
    )
