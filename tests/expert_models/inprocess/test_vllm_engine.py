"""What the vLLM engine does around vLLM; with vLLM itself it is tested in tests/real_engines."""

from collections.abc import Sequence
from types import SimpleNamespace

import pytest

from expert_models.llm.inprocess import vllm_engine
from expert_models.llm.inprocess.vllm_engine import VllmEngine
from schemas.exchange import Answer, Failure
from tests.real_engines.questions import keyed, picture, question


class Llm:
    """Stands in for vllm.LLM: answers with a message's length, and refuses a call for one bad request."""

    def __init__(self) -> None:
        self.calls: list[int] = []

    def chat(self, messages: Sequence[list[dict]], params: Sequence[dict], **options) -> list:
        self.calls.append(len(messages))
        texts = [turns[-1]["content"] for turns in messages]
        if any("bad" in text for text in texts):
            raise ValueError("prompt is too long")
        return [
            SimpleNamespace(
                prompt_token_ids=[0] * len(text),
                outputs=[SimpleNamespace(text=text, token_ids=[1, 2], finish_reason="stop")],
            )
            for text in texts
        ]


@pytest.fixture
def made(chosen, monkeypatch: pytest.MonkeyPatch) -> VllmEngine:
    monkeypatch.setattr(vllm_engine, "sampling_params", lambda terms: terms)
    engine = VllmEngine(chosen("m", backend="vllm", images=False, engine={"wave": 8}))
    engine._llm = Llm()
    return engine


def test_answers_find_their_requests(made: VllmEngine) -> None:
    asked = keyed(*(question(f"q{n}") for n in range(20)))
    answers = list(made.answer(iter(asked)))
    assert [(a.key, a.text) for a in answers] == [(k, r.messages[-1].text) for k, r in asked]
    assert made._llm.calls == [8, 8, 4]


def test_one_bad_request_costs_no_other(made: VllmEngine) -> None:
    asked = keyed(*(question(f"bad{n}" if n in (2, 13) else f"q{n}") for n in range(16)))
    results = {r.key: r for r in made.answer(asked)}
    failed = [r.messages[-1].text for k, r in asked if isinstance(results[k], Failure)]
    assert failed == ["bad2", "bad13"]
    assert sum(isinstance(r, Answer) for r in results.values()) == 14
    assert (
        len(made._llm.calls) == 2 * 7
    )  # halves down to the bad one: 8, 4+4, 2+2, 1+1 of each wave


def test_an_engine_that_died_is_no_bad_request(made: VllmEngine) -> None:
    class EngineDeadError(Exception):
        """As vLLM's: of no kind that a request causes."""

    def chat(*_: object, **__: object) -> list:
        raise EngineDeadError

    made._llm.chat = chat
    with pytest.raises(EngineDeadError):
        list(made.answer(keyed(question("q"))))


def test_pictures_for_a_text_model_are_a_mistake(made: VllmEngine) -> None:
    with pytest.raises(ValueError, match="takes none"):
        list(made.answer(keyed(question("q", picture(1)))))
