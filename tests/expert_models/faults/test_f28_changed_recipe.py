"""F28: another prompt, model, revision or sampling is another question; nothing of the old ones is mixed in or lost."""

import asyncio
from dataclasses import replace
from pathlib import Path

import pytest

from expert_models.llm.asker import open_asker
from expert_models.llm.choice import ModelChoice
from schemas.exchange import Answer, Failure, Message, Request, Sampling
from tests.expert_models.faults.setting import chosen, question, script
from tests.fakes.server import FakeServer, serving

CHANGES = {
    "prompt": lambda r: replace(r, messages=(Message("user", r.messages[0].text + " Be brief."),)),
    "system": lambda r: replace(r, messages=(Message("system", "You write."), *r.messages)),
    "temperature": lambda r: replace(r, sampling=Sampling(temperature=0.7)),
    "sample": lambda r: replace(r, sample=1),
    "schema": lambda r: replace(r, schema={**(r.schema or {}), "title": "second"}),
}


def ask(server: FakeServer, folder: Path, request: Request, **changes: str) -> Answer | Failure:
    async def run(choice: ModelChoice) -> Answer | Failure:
        async with open_asker(choice, folder) as asker:
            return await asker.ask(request)

    return asyncio.run(run(chosen(server.url).model_copy(update=changes)))


@pytest.mark.parametrize("change", CHANGES)
def test_a_changed_question_is_asked_anew(change: str, tmp_path: Path) -> None:
    changed = CHANGES[change](question())
    with serving(script()) as server:
        first = ask(server, tmp_path, question())
        second = ask(server, tmp_path, changed)
        assert server.requests == 2
        assert ask(server, tmp_path, question()).key == first.key != second.key
        assert ask(server, tmp_path, changed).text == second.text
        assert server.requests == 2


@pytest.mark.parametrize("changes", [{"revision": "2"}, {"model": "fake-model-2"}])
def test_a_changed_model_is_asked_anew(changes: dict[str, str], tmp_path: Path) -> None:
    with serving(script()) as server:
        first = ask(server, tmp_path, question())
        assert ask(server, tmp_path, question(), **changes).key != first.key
        assert server.requests == 2
        assert ask(server, tmp_path, question()).key == first.key
        assert server.requests == 2


def test_what_cannot_change_an_answer_asks_nothing(tmp_path: Path) -> None:
    """Purpose, subject, address, limits: the answer stands."""
    with serving(script()) as server, serving(script()) as moved:
        ask(server, tmp_path, question())
        ask(server, tmp_path, replace(question(), purpose="other", subject="other"))
        ask(moved, tmp_path, question())
        assert (server.requests, moved.requests) == (1, 0)
