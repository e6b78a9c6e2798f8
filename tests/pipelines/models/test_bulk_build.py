"""In-process models: asked in rounds of bulk, with the words that an endpoint would have given."""

import json
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from expert_models.llm.choice import ModelChoice
from expert_models.llm.payload import chat_body
from expert_models.llm.store import AnswerStore
from pipelines.build import build
from pipelines.engines.inline import InlineEngine
from pipelines.errors import MedgrainError
from pipelines.models.bulk import BulkAnswers
from pipelines.progress import Progress
from schemas.exchange import Answer, Failure, Request
from tests.fakes.models import MODELS
from tests.fakes.script import Script
from tests.fakes.server import serving
from tests.pipelines.conftest import recipe_of


class FakeEngine:
    """Stands in for vLLM or transformers: the fake model's answers, backwards, a whole batch at a time."""

    batches: list[int] = []  # noqa: RUF012  (of all engines of one test)
    refuses = ""

    def __init__(self, choice: ModelChoice) -> None:
        self._choice = choice

    def answer(self, requests: Sequence[tuple[str, Request]]) -> Iterator[Answer | Failure]:
        FakeEngine.batches.append(len(requests))
        for key, request in reversed(requests):
            if FakeEngine.refuses and FakeEngine.refuses in request.messages[-1].text:
                yield Failure(key, "request_refused", "too long for this model")
                continue
            said = MODELS["honest"](json.loads(chat_body(self._choice, request)))
            yield Answer(key, said.text, self._choice.model, "stop", 1, 1)

    def close(self) -> None:
        """Nothing to give back."""


@pytest.fixture
def engine(monkeypatch: pytest.MonkeyPatch) -> type[FakeEngine]:
    monkeypatch.setattr("expert_models.llm.inprocess.load.load_engine", FakeEngine)
    monkeypatch.setattr(FakeEngine, "batches", [])
    monkeypatch.setattr(FakeEngine, "refuses", "")
    return FakeEngine


def in_process() -> dict:
    """The models of `recipe_of`, loaded by medgrain."""
    models = recipe_of("http://127.0.0.1:1/v1").model_dump(mode="json")["models"]
    return {n: m | {"backend": "transformers", "url": None} for n, m in models.items()}


def test_rounds_end_and_each_is_one_batch_over_all_shards(
    order_of, engine, digests, tmp_path: Path
) -> None:
    order = order_of(tmp_path / "bulk", "http://127.0.0.1:1/v1", models=in_process())
    summary = build(order, InlineEngine(1), Progress(order.out, quiet=True))
    assert summary.sentences > 12
    assert summary.questions > 0
    assert engine.batches[0] >= 5  # the first round: every image of the three shards at once
    assert len(engine.batches) < 30
    assert not (tmp_path / "bulk" / "run" / "waiting").exists()


def test_the_words_are_those_of_an_endpoint(order_of, engine, tmp_path: Path) -> None:
    """Same model, same requests, another way of asking: the same sentences and items."""
    import pyarrow.parquet as pq

    def told(out: Path) -> list[dict]:
        drop = ["image", "more_images", "generator"]
        files = sorted((out / "corpus" / "data").rglob("*.parquet"))
        return [
            {k: v for k, v in row.items() if k not in drop}
            for path in files
            for row in pq.read_table(path).to_pylist()
        ]

    bulk = order_of(tmp_path / "bulk", "http://127.0.0.1:1/v1", models=in_process())
    build(bulk, InlineEngine(1), Progress(bulk.out, quiet=True))
    with serving(Script()) as server:
        direct = order_of(tmp_path / "direct", server.url)
        build(direct, InlineEngine(1), Progress(direct.out, quiet=True))
    assert told(tmp_path / "bulk") == told(tmp_path / "direct")


def test_what_the_engine_refuses_is_a_reject_and_does_not_wait_for_ever(
    order_of, engine, tmp_path: Path
) -> None:
    engine.refuses = "Describe this image"
    order = order_of(tmp_path / "out", "http://127.0.0.1:1/v1", models=in_process())
    summary = build(order, InlineEngine(1), Progress(order.out, quiet=True))
    assert summary.rejects["request_refused"] == 5
    assert summary.sentences == 0
    assert summary.questions > 0


def test_shards_that_wait_for_nothing_are_an_error_and_no_endless_loop(tmp_path: Path) -> None:
    choice = ModelChoice(backend="transformers", model="m", family="f")
    bulk = BulkAnswers(tmp_path, tmp_path / "answers", {"writer": choice}, FakeEngine)
    with pytest.raises(MedgrainError, match="still wait after 1 rounds"):
        bulk.answer_waiting(["shard-0"])
    assert list(AnswerStore(tmp_path / "answers")) == []
