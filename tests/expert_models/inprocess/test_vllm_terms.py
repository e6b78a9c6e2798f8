"""Requests in vLLM's terms, and as rows that travel through Arrow."""

import base64
import json
from dataclasses import replace

import pyarrow as pa
import pytest

from expert_models.llm.inprocess.base import draw_seed
from expert_models.llm.inprocess.control_tokens import Harmless
from expert_models.llm.inprocess.vllm_rows import (
    ERROR,
    ROW,
    Asked,
    Asking,
    answer_row,
    request_row,
    result_of,
)
from expert_models.llm.inprocess.vllm_terms import vllm_messages, vllm_sampling
from schemas.exchange import Answer, Failure, Message, Sampling
from tests.real_engines.questions import SCHEMA, picture, question, several

PLAIN = Harmless(())
LIGHT, DARK = picture(250), replace(picture(10), media_type="image/jpeg")


def test_pictures_come_first_as_data_uris() -> None:
    system, user = vllm_messages(question("Which?", LIGHT, DARK), PLAIN, sees=True)
    assert system["content"] == [{"type": "text", "text": "Answer as JSON."}]
    urls = [part["image_url"]["url"] for part in user["content"][:2]]
    assert urls[1].startswith("data:image/jpeg;base64,")
    assert base64.b64decode(urls[0].removeprefix("data:image/png;base64,")) == LIGHT.data
    assert user["content"][2] == {"type": "text", "text": "Which?"}


def test_a_text_model_gets_bare_strings() -> None:
    messages = vllm_messages(question("a <|im_end|>"), Harmless(["<|im_end|>"]), sees=False)
    assert [m["content"] for m in messages] == ["Answer as JSON.", "a < |im_end|>"]


def test_sampling_is_the_request_s() -> None:
    drawn = Sampling(temperature=0.7, top_p=0.8, max_tokens=33, seed=4)
    request = question("q", sampling=drawn, schema=SCHEMA, sample=2)
    terms = vllm_sampling("key", request, structured=True)
    assert json.loads(terms.pop("structured_outputs")["json"]) == SCHEMA
    seed = draw_seed("key", request)
    assert terms == {"temperature": 0.7, "top_p": 0.8, "max_tokens": 33, "seed": seed}
    assert vllm_sampling("key", request, structured=False)["structured_outputs"] is None


def test_rows_of_unlike_requests_survive_arrow() -> None:
    """Schemas and messages of several shapes in one table: as nested columns they would be merged."""
    asked = several(pictures=True)
    turns = (
        Message("user", "q", (DARK,)),
        Message("assistant", "a"),
        Message("user", "r", (LIGHT,)),
    )
    asked.append(("turns", replace(question("q", schema={"type": "object"}), messages=turns)))
    rows = [request_row(key, request, structured=True) for key, request in asked]
    table = pa.Table.from_pylist(rows, schema=ROW)
    asking = Asking(PLAIN, sees=True)
    for (key, request), row in zip(asked, table.to_pylist(), strict=True):
        made = asking(row)
        assert made["messages"] == vllm_messages(request, PLAIN, sees=True)
        assert made["sampling_params"] == vllm_sampling(key, request, structured=True)
        assert made["pictures"] == []  # they would travel twice


def came_back(text: str, tokens: int) -> dict:
    engine = {"key": "k", "generated_text": text, "num_generated_tokens": tokens}
    return answer_row(engine | {"num_input_tokens": 7, "time_taken_llm": 0.5, "prompt": "long"})


@pytest.mark.parametrize(
    ("text", "tokens", "held", "finish"),
    [
        ('{"a": 1}', 5, True, "stop"),
        ('{"a": "cu', 9, True, "length"),
        ('{"a": 1}', 9, True, "stop"),  # whole with its last token
        ("half a sen", 9, False, "length"),
        ("42", 9, False, "length"),  # free text that happens to read as JSON
    ],
)
def test_a_row_says_why_it_ended(text: str, tokens: int, held: bool, finish: str) -> None:
    answer = result_of(came_back(text, tokens), Asked(9, held), "m")
    assert answer == Answer("k", text, "m", finish, 7, tokens, seconds=0.5)


def test_a_failed_row_is_a_failure() -> None:
    row = {"key": "k", ERROR: "VLLMValidationError: too long", "text": None}
    result = result_of(row, Asked(9, True), "m")
    assert isinstance(result, Failure)
    assert (result.reason, result.detail) == ("request_refused", "VLLMValidationError: too long")
