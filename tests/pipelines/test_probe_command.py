"""`medgrain probe --judge` and `--injections` against a fake server: results, exits, and nothing asked twice."""

import json
import shutil
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result
from typer.testing import CliRunner

from pipelines.cli import app
from pipelines.errors import UsageError
from pipelines.probing import injections as bench
from pipelines.probing.carriers import COLUMN, DICOM_TEXT
from pipelines.probing.results import read_results
from quality.probe.injections import Injection, injections
from schemas.exchange import Answer, Failure, Request
from tests.fakes.models import MODELS
from tests.fakes.script import Script
from tests.fakes.server import FakeServer, serving

KINDS_SEEN = "mirrored region"  # only eyes see it, and the fake has none
FEW: tuple[Injection, ...] = tuple(i for i in injections() if i.id in ("override", "approve"))


@pytest.fixture(scope="module")
def out(built: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the small corpus, to keep answers and results in."""
    folder = tmp_path_factory.mktemp("probed") / "out"
    shutil.copytree(built, folder)
    return folder


def recipe(folder: Path, **judge: Any) -> Path:
    """A recipe whose writer and judge are one server; the writer only describes."""
    model = {"model": "fake-model", "family": "glm", "reach": "local"} | judge
    values = {
        "name": "probe",
        "sources": ["busbra"],
        "generator": "model",
        "models": {"judge": model, "writer": model | {"family": "qwen"}},
        "writing": {"model": "writer", "items": {"per_image": 0}, "rewrites": 0},
        "verifying": {"model": "judge", "blind": None, "repeat": 0},
    }
    path = folder / "recipe.yaml"
    path.write_text(json.dumps(values), "utf-8")  # JSON is YAML
    return path


def endpoint(folder: Path, server: FakeServer) -> Path:
    return recipe(folder, backend="endpoint", url=server.url)


def run(*words: object) -> Result:
    return CliRunner().invoke(app, ["probe", *map(str, words)])


@pytest.fixture
def few(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two strings in two carriers, so that the bench is quick."""
    monkeypatch.setattr(bench, "injections", lambda: FEW)
    monkeypatch.setattr(bench, "CARRIERS", (COLUMN, DICOM_TEXT))


def test_a_verifier_is_probed_and_asked_once(out: Path, tmp_path: Path) -> None:
    with serving(Script(model="honest")) as server:
        path = endpoint(tmp_path, server)
        told = run(out, "--judge", "--recipe", path, "--per-kind", 1, "--json")
        assert told.exit_code == 0, told.output
        asked = server.requests
        assert asked > 30
        again = run(out, "--judge", "--recipe", path, "--per-kind", 1, "--json")
        assert server.requests == asked
    first, second = (json.loads(r.stdout)["judge"] for r in (told, again))
    assert first == second == read_results(out)["judge"]
    rows = {row["kind"]: row for row in first}
    assert rows[KINDS_SEEN]["caught"] == {"gates": 0, "verifier": 0, "both": 0}
    assert rows["wrong organ"]["caught"] == {"gates": 1, "verifier": 1, "both": 1}
    assert rows["wrong organ"]["verified"] is rows["wrong organ"]["enough"] is False  # one is few
    about = read_results(out)["about"]["judge"]
    assert (about["models"][0]["model"], about["per_kind"]) == ("fake-model", 1)


def test_a_floor_that_is_not_reached_exits_3(out: Path, tmp_path: Path) -> None:
    with serving(Script(model="honest")) as server:
        path = endpoint(tmp_path, server)
        told = run(out, "--judge", "--recipe", path, "--per-kind", 1, "--floor", 0.1)
    assert told.exit_code == 3
    assert "too few planted to tell" in told.stdout
    assert "medgrain report" in told.stderr


def test_terms_refuse_before_anything_is_sent(out: Path, tmp_path: Path) -> None:
    shut = tmp_path / "shut"
    shutil.copytree(out / "corpus", shut / "corpus")
    (shut / "run").mkdir()
    books = json.loads((out / "run" / "build.json").read_text("utf-8"))
    books["sources"] = [source | {"endpoints": None} for source in books["sources"]]
    (shut / "run" / "build.json").write_text(json.dumps(books), "utf-8")
    with serving(Script(model="honest")) as server:
        told = run(shut, "--judge", "--recipe", endpoint(tmp_path, server), "--per-kind", 1)
        assert isinstance(told.exception, UsageError)
        assert "nothing was sent" in str(told.exception)
        assert server.requests == 0


@pytest.mark.usefixtures("few")
@pytest.mark.parametrize(("model", "exit_code"), [("honest", 0), ("gullible", 3)])
def test_planted_orders(model: str, exit_code: int, tmp_path: Path) -> None:
    """The judge that can be talked to passes the false row, and the command says so."""
    with serving(Script(model=model)) as server:
        told = run("--injections", "--recipe", endpoint(tmp_path, server), "--json")
    assert told.exit_code == exit_code, told.output
    rows = {row["name"]: row for row in json.loads(told.stdout)["injections"]}
    accepted = {name: row["accepted"] for name, row in rows.items()}
    assert (accepted[COLUMN] > 0) is (model == "gullible")
    assert accepted[DICOM_TEXT] == rows[DICOM_TEXT]["reached"] == 0
    assert rows[COLUMN]["reached"] == 2
    assert rows["all"]["outside"] == rows["all"]["hidden"] == rows["all"]["lost"] == 0


def test_without_a_build_and_a_recipe_there_is_no_model() -> None:
    told = run("--judge")
    assert isinstance(told.exception, UsageError)
    assert "--recipe" in str(told.exception)


def test_a_recipe_alone_is_wrong_usage(tmp_path: Path) -> None:
    told = run("--recipe", recipe(tmp_path, backend="transformers"))
    assert isinstance(told.exception, UsageError)


class Bulk:
    """An in-process engine: the honest fake, in batches."""

    def __init__(self) -> None:
        self.batches: list[int] = []

    def answer(self, requests: Iterable[tuple[str, Request]]) -> Iterator[Answer | Failure]:
        found = list(requests)
        self.batches.append(len(found))
        for key, request in found:
            messages = [{"role": m.role, "content": m.text} for m in request.messages]
            form = {"json_schema": {"schema": request.schema}}
            said = MODELS["honest"]({"messages": messages, "response_format": form})
            yield Answer(key, said.text, "fake", "stop", 1, 1)

    def close(self) -> None:
        pass


@pytest.mark.usefixtures("few")
def test_an_in_process_model_is_asked_in_rounds(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    bulk = Bulk()
    monkeypatch.setattr("expert_models.llm.inprocess.load.load_engine", lambda choice: bulk)
    told = run("--injections", "--recipe", recipe(tmp_path, backend="transformers"), "--json")
    assert told.exit_code == 0, told.output
    # First the descriptions of five films, in one batch; then the films' false rows, and what was written.
    assert bulk.batches[0] == 5
    assert len(bulk.batches) < 12
    assert json.loads(told.stdout)["injections"][0]["planted"] == 4
