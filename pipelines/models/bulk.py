"""In-process models are asked in bulk: all requests of all shards at once, round after round.

A shard's step runs against the store of answers; what is missing it writes down and stops. Here the
driver has everything missing answered in one batch, which is what an offline engine is fast at, and the
shards run again. Rounds end because each asks what the one before made askable: a description, its
repair, its judgement, its rewriting.
"""

from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from expert_models.llm.choice import ModelChoice
from expert_models.llm.inprocess.base import BulkEngine, batched
from expert_models.llm.store import AnswerStore
from pipelines.errors import MedgrainError
from pipelines.models.failures import add_failures
from pipelines.models.requests import read_waiting, waiting_folder
from schemas.exchange import Failure, Request

BATCH = (
    1024  # requests handed over at once: enough to fill an engine, and their pictures fit in memory
)
ROUNDS = 60  # far above writing + repairs + judging + blind tests + rewrites of a recipe


class BulkAnswers:
    """The in-process models of one build: loaded when first needed, resident until `close`."""

    def __init__(
        self,
        out: Path,
        answers: Path,
        models: dict[str, ModelChoice],
        load: Callable[[ModelChoice], BulkEngine],
    ) -> None:
        self._out, self._models, self._load = out, models, load
        self._store = AnswerStore(answers)
        self._engines: dict[str, BulkEngine] = {}
        self.rounds = 0

    def answer_waiting(self, shards: Iterable[str]) -> int:
        """Answer all that these shards wait for; returns how many requests that were.

        Raises MedgrainError where nothing waits or the rounds do not end: both would go on for ever.
        """
        self.rounds += 1
        asked = 0
        for name in sorted(self._models):
            requests = self._waiting_for(name, shards)
            if requests:
                asked += len(requests)
                self._answer(name, requests)
        if not asked or self.rounds > ROUNDS:
            raise MedgrainError(
                f"shards still wait after {self.rounds} rounds, {asked} requests in the last; "
                "the run log says for what (event `waiting`)"
            )
        return asked

    def _answer(self, name: str, requests: dict[str, Path]) -> None:
        if name not in self._engines:
            self._engines[name] = self._load(self._models[name])
        for batch in batched(_read(name, requests), BATCH):
            failures = []
            for outcome in self._engines[name].answer(batch):
                if isinstance(outcome, Failure):
                    failures.append(outcome)
                else:
                    self._store.put(outcome)
            add_failures(self._out, name, failures)

    def _waiting_for(self, name: str, shards: Iterable[str]) -> dict[str, Path]:
        """Where each missing request of one model is written down; an answered one waits no more."""
        found: dict[str, Path] = {}
        for shard in shards:
            path = waiting_folder(self._out) / f"{shard}.parquet"
            if not path.exists():
                continue
            for model, key, _ in read_waiting(path):
                if model == name and key not in found and self._store.get(key) is None:
                    found[key] = path
        return found

    def close(self) -> None:
        """Give the models' memory back."""
        for engine in self._engines.values():
            engine.close()


def _read(name: str, requests: dict[str, Path]) -> Iterator[tuple[str, Request]]:
    """The requests with their pictures, read again file by file so that memory stays flat."""
    for path in sorted(set(requests.values())):
        for model, key, request in read_waiting(path):
            if model == name and requests.get(key) == path:
                yield key, request
