"""vLLM (its CPU build) with a tiny model that sees: served, in process, and on Ray.

All three, and the transformers engine, are the same model: what is not drawn by chance must be the same.
"""

import json
import os
import subprocess
from dataclasses import replace
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from expert_models.llm.choice import ModelChoice
from expert_models.llm.inprocess.transformers_engine import TransformersEngine
from schemas.exchange import Answer, Sampling
from tests.real_engines.ask_engine import MARK
from tests.real_engines.questions import SCHEMA, TOO_LONG, keyed, picture, question, several
from tests.real_engines.servers import OFFLINE, vllm_server
from tests.real_engines.test_transformers_serve import asked_of

pytestmark = pytest.mark.real_engine
ROOT = Path(__file__).resolve().parents[2]
ENOUGH = Sampling(max_tokens=96)


def whole(text: str) -> str:
    """Text without the half of a character at its end, which engines show differently."""
    return text.rstrip("\ufffd")


@pytest.fixture(scope="module")
def expected(tiny_seeing: Path) -> dict[str, Answer]:
    """What the transformers engine says to the same questions."""
    choice = ModelChoice(backend="transformers", model=str(tiny_seeing), family="tiny")
    engine = TransformersEngine(choice)
    return {a.key: a for a in engine.answer(several(pictures=True)) if isinstance(a, Answer)}


def test_a_server_holds_answers_to_their_schema(vllm_python: Path, tiny_seeing: Path) -> None:
    requests = [
        question(f"Item {n}", picture(20 * n), schema=SCHEMA, sampling=ENOUGH) for n in range(6)
    ]
    too_long = question(TOO_LONG, sampling=ENOUGH)
    with vllm_server(tiny_seeing, vllm_python) as url:
        *answers, refused = asked_of(url, tiny_seeing, [*requests, too_long])
    assert refused.reason == "request_refused"
    assert all(isinstance(a, Answer) and a.finish_reason == "stop" for a in answers), answers
    for answer in answers:
        jsonschema.validate(json.loads(answer.text), SCHEMA)

    choice = ModelChoice(backend="transformers", model=str(tiny_seeing), family="tiny")
    here = {a.key: a.text for a in TransformersEngine(choice).answer(keyed(*requests))}
    assert [a.text for a in answers] == [here[key] for key, _ in keyed(*requests)]


@pytest.mark.parametrize("engine", ["vllm", "ray"])
def test_an_engine_says_what_transformers_says(
    vllm_python: Path, tiny_seeing: Path, expected: dict[str, Answer], engine: str
) -> None:
    told = ask(vllm_python, engine, tiny_seeing)
    results: dict[str, dict[str, Any]] = told["results"]
    ((too_long, _),) = keyed(question(TOO_LONG))
    refused = results.pop(too_long)
    assert refused["reason"] == "request_refused"
    assert "context" in refused["detail"]
    assert told["card"]["library"].count("vllm 0.") == 1

    assert results.keys() == expected.keys()
    for key, request in several(pictures=True):
        said, answer = Answer(**results[key]), expected[key]
        if request.sampling.temperature > 0:  # each version of an engine has its own dice
            assert said.prompt_tokens == answer.prompt_tokens
            assert request.schema is None or said.text.startswith('{"code":"k7"')
            continue
        assert whole(said.text) == whole(answer.text)
        assert replace(said, text="", seconds=0) == replace(answer, text="", seconds=0)


def ask(python: Path, engine: str, folder: Path) -> dict[str, Any]:
    command = [str(python), "-m", "tests.real_engines.ask_engine", engine, str(folder)]
    quiet = {"RAY_DATA_USE_DATASOURCE_V2": "0", "PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        command,
        cwd=ROOT,
        env=os.environ | OFFLINE | quiet,
        capture_output=True,
        text=True,
        timeout=580,
        check=False,
    )
    lines = [line for line in done.stdout.splitlines() if line.startswith(MARK)]
    assert lines, done.stderr[-3000:]
    return json.loads(lines[-1].removeprefix(MARK))
