"""Reading the envelope of an answer."""

import json
from typing import Any

import pytest

from expert_models.llm.completion import error_code, read_completion


def envelope(message: Any, **fields: Any) -> bytes:
    choice = {"message": message, "finish_reason": "stop"}
    return json.dumps({"model": "alias", "choices": [choice], **fields}).encode()


def test_a_whole_answer() -> None:
    body = envelope(
        {"content": "words"},
        usage={"prompt_tokens": 7, "completion_tokens": 3},
        system_fingerprint="fp_1",
        created=5,
    )
    found = read_completion(body)
    assert (found.text, found.finish_reason) == ("words", "stop")
    assert (found.prompt_tokens, found.completion_tokens) == (7, 3)
    assert found.stated == {"model": "alias", "system_fingerprint": "fp_1"}


@pytest.mark.parametrize(
    ("message", "text", "reason"),
    [
        ({"content": None}, "", "stop"),
        ({}, "", "stop"),
        ({"content": "", "refusal": "I will not."}, "I will not.", "refusal"),
        ({"content": "words", "refusal": None}, "words", "stop"),
        (
            {"content": [{"type": "text", "text": "wor"}, {"type": "text", "text": "ds"}]},
            "words",
            "stop",
        ),
        ({"content": "\x00 \ud800"}, "\x00 \ud800", "stop"),  # the caller judges the words
    ],
)
def test_where_the_words_are(message: Any, text: str, reason: str) -> None:
    found = read_completion(envelope(message))
    assert (found.text, found.finish_reason) == (text, reason)


@pytest.mark.parametrize(
    "usage", [None, [], {"prompt_tokens": "7"}, {"prompt_tokens": -7}, {"prompt_tokens": True}]
)
def test_token_counts_that_are_none_count_as_zero(usage: Any) -> None:
    assert read_completion(envelope({"content": "words"}, usage=usage)).prompt_tokens == 0


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (b"", "not JSON"),
        (b"<html>502 Bad Gateway</html>", "not JSON"),
        (envelope({"content": "words"})[:-1], "not JSON"),
        (envelope({"content": "words"}) + b"{}", "not JSON"),
        (b'"\xff"', "not UTF-8"),
        ("{}".encode("utf-16"), "not UTF-8"),
        (b"[" * 200_000 + b"]" * 200_000, "too deep"),
        (b'{"choices": NaN}', "NaN is no JSON number"),
        (b'{"choices": [], "choices": []}', "repeated"),
        (b'{"choices": ' + b"9" * 5000 + b"}", "digits"),
        (b"[]", "not a JSON object"),
        (b'{"error": {"message": "out of memory"}}', "no choices"),
        (b'{"choices": [null]}', "no choices"),
        (b'{"choices": [{"message": "words"}]}', "no message"),
        (envelope({"content": 7}), "no text"),
        (envelope({"content": [7]}), "no text"),
        (envelope({"content": [{"type": "text", "text": 7}]}), "no text"),
    ],
)
def test_what_is_no_completion_is_named_without_its_words(body: bytes, said: str) -> None:
    with pytest.raises(ValueError, match=said) as caught:
        read_completion(body)
    assert "Gateway" not in str(caught.value)
    assert "memory" not in str(caught.value)


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (
            b'{"error": {"code": "context_length_exceeded", "message": "Patient Doe"}}',
            "context_length_exceeded",
        ),
        (b'{"object": "error", "type": "NotFoundError", "code": 404}', "NotFoundError"),
        (b'{"error": {"code": "Patient Doe"}}', ""),
        (b'{"error": "Patient"}', ""),
        (b"<html>", ""),
    ],
)
def test_error_codes_are_words_of_a_program(body: bytes, code: str) -> None:
    assert error_code(body) == code
