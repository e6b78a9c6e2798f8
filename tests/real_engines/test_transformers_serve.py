"""`transformers serve` with a tiny model that sees, asked through our client."""

import asyncio
from pathlib import Path

import pytest

from expert_models.llm.choice import ModelChoice
from expert_models.llm.client import EndpointClient
from schemas.exchange import Answer, Failure, Request, Sampling, request_key
from tests.real_engines.questions import picture, question
from tests.real_engines.servers import transformers_server

pytestmark = pytest.mark.real_engine
SHORT = Sampling(max_tokens=16)


def asked_of(url: str, folder: Path, requests: list[Request]) -> list[Answer | Failure]:
    """All at once, in order."""
    choice = ModelChoice(
        backend="endpoint",
        url=url,
        reach="local",
        model=str(folder),
        family="tiny",
        limits={"concurrency": 4, "deadline_s": 60, "attempts": 2},
    )

    async def ask() -> list[Answer | Failure]:
        async with EndpointClient(choice) as client:
            return list(await asyncio.gather(*(client.call(r) for r in requests)))

    return asyncio.run(ask())


def test_our_client_gets_answers(tiny_seeing: Path) -> None:
    light, dark = picture(250), picture(10)
    requests = [
        question("What is shown?", sampling=SHORT),
        question("What is shown?", light, sampling=SHORT),
        question("What is shown?", dark, sampling=SHORT),
        question("Compare.", light, dark, sampling=SHORT),
    ]
    with transformers_server(tiny_seeing) as url:
        answers = asked_of(url, tiny_seeing, requests)
    assert [a.key for a in answers] == [request_key(str(tiny_seeing), "", r) for r in requests]
    assert all(isinstance(a, Answer) for a in answers), answers
    assert all(0 < a.completion_tokens <= 16 and a.attempts == 1 for a in answers)
    told, seen_light, seen_dark, both = answers
    assert told.prompt_tokens < seen_light.prompt_tokens == seen_dark.prompt_tokens
    assert seen_light.prompt_tokens < both.prompt_tokens
    assert len({a.text for a in answers}) == 4  # the pictures are looked at
