"""F22: the same questions asked at once by two workers, with different answers. The first that is kept counts for both."""

import asyncio
import threading
from pathlib import Path

from expert_models.llm.asker import open_asker
from expert_models.llm.store import AnswerStore
from schemas.exchange import Answer, Failure
from tests.expert_models.faults.setting import chosen, question
from tests.fakes.script import Script
from tests.fakes.server import serving

COUNT = 40
ONE = Script(model="echo", latency_s=0.02, jitter_s=0.02)
OTHER = Script(model="echo_backwards", latency_s=0.02, jitter_s=0.019)


async def ask_all(url: str, folder: Path) -> list[Answer | Failure]:
    async with asyncio.timeout(60), open_asker(chosen(url), folder) as asker:
        return await asyncio.gather(*(asker.ask(question(n)) for n in range(COUNT)))


def test_two_workers_one_store(tmp_path: Path) -> None:
    found: dict[str, list[Answer | Failure]] = {}

    def work(name: str, url: str) -> None:
        found[name] = asyncio.run(ask_all(url, tmp_path))

    with serving(ONE) as one, serving(OTHER) as other:
        workers = [
            threading.Thread(target=work, args=at)
            for at in (("one", one.url), ("other", other.url))
        ]
        for worker in workers:
            worker.start()
        for worker in workers:
            worker.join()
        assert one.requests
        assert other.requests
    texts = {
        name: [a.text for a in answers if isinstance(a, Answer)] for name, answers in found.items()
    }
    assert texts["one"] == texts["other"]  # I2: no question has two answers
    kept = {a.key: a.text for a in AnswerStore(tmp_path)}
    assert sorted(kept.values()) == sorted(texts["one"])
    assert len(set(kept)) == COUNT


def test_equal_questions_at_one_time_are_one_call(tmp_path: Path) -> None:
    async def ask(url: str) -> tuple[list[Answer | Failure], list[dict]]:
        async with open_asker(chosen(url), tmp_path) as asker:
            return await asyncio.gather(
                *(asker.ask(question()) for _ in range(20))
            ), asker.exchanges

    with serving(ONE) as server:
        answers, book = asyncio.run(ask(server.url))
        assert server.requests == 1
    assert len({a.text for a in answers if isinstance(a, Answer)}) == 1
    assert sum(not row["cached"] for row in book) == 1
    assert len(book) == 20
