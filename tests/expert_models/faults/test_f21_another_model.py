"""F21: the server answers as another model in the middle of a run, or after a restart."""

import asyncio
from pathlib import Path

import pytest

from expert_models.llm.asker import open_asker
from expert_models.llm.errors import EndpointStopped
from schemas.exchange import Answer
from tests.expert_models.faults.setting import asked, chosen, is_whole, question, script
from tests.fakes.script import Fault
from tests.fakes.server import FakeServer, serving


def test_another_name_in_the_middle_of_a_run_stops_it() -> None:
    with serving(script(Fault("served_as", name="other-7b"), first=10)) as server:
        found = asked(chosen(server.url, concurrency=2), count=40)
        requests = server.requests
    assert sum(isinstance(f, Answer) for f in found) <= 11
    stopped = [f for f in found if isinstance(f, EndpointStopped)]
    assert len(stopped) >= 29
    assert requests <= 13
    assert "other-7b" in str(stopped[0])
    assert "fake-model" in str(stopped[0])


def test_another_fingerprint_counts_as_another_model() -> None:
    fault = Fault("served_as", fingerprint="fp_2")
    with serving(script(fault, first=3)) as server:
        found = asked(chosen(server.url, concurrency=1), count=6)
    assert [isinstance(f, EndpointStopped) for f in found] == [False] * 3 + [True] * 3


def test_no_answer_of_the_other_model_is_kept(tmp_path: Path) -> None:
    async def build(server: FakeServer, numbers: range) -> list[object]:
        async with open_asker(chosen(server.url, concurrency=1), tmp_path) as asker:
            calls = (asker.ask(question(n)) for n in numbers)
            return list(await asyncio.gather(*calls, return_exceptions=True))

    with serving(script()) as server:
        asyncio.run(build(server, range(3)))
        server.script = script(Fault("served_as", name="other-7b"))  # restarted with other weights
        before = server.requests
        with pytest.raises(EndpointStopped, match="other-7b"):
            raise asyncio.run(build(server, range(3, 6)))[0]
        assert server.requests == before + 1  # and the alarm held for every later call
        server.script = script()
        found = asyncio.run(build(server, range(6)))
        assert server.requests == before + 1 + 3
    assert all(is_whole(f) for f in found)


def test_a_name_other_than_the_recipes_is_an_alias_if_it_stays() -> None:
    with serving(script(Fault("served_as", name="served-under-an-alias"))) as server:
        found = asked(chosen(server.url), count=5)
    assert all(isinstance(f, Answer) and f.model == "served-under-an-alias" for f in found)
