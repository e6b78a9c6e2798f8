"""The body of a request."""

import base64
import json
from collections.abc import Callable
from dataclasses import replace

import pytest

from expert_models.llm.payload import chat_body
from schemas.exchange import Message, Request, Sampling, SentImage

SCHEMA = {"type": "object", "properties": {"code": {"type": "string", "enum": ['é"\\']}}}
PIXELS = bytes(range(256)) * 3
IMAGE = SentImage(PIXELS, "d" * 64, 8, 8)


def test_pictures_come_first_and_arrive_whole(choose: Callable, question: Callable) -> None:
    messages = (
        Message("system", 'Be "exact".\n'),
        Message(
            "user",
            "Gr\u00f6\u00dfe \ud800?",
            (IMAGE, replace(IMAGE, data=b"", media_type="image/jpeg")),
        ),
    )
    body = json.loads(chat_body(choose(), question(messages=messages)))
    system, user = body["messages"]
    assert system == {"role": "system", "content": 'Be "exact".\n'}
    assert [part["type"] for part in user["content"]] == ["image_url", "image_url", "text"]
    head, data = user["content"][0]["image_url"]["url"].split(",")
    assert (head, base64.b64decode(data)) == ("data:image/png;base64", PIXELS)
    assert user["content"][1]["image_url"]["url"] == "data:image/jpeg;base64,"
    assert user["content"][2]["text"] == "Gr\u00f6\u00dfe \ud800?"


@pytest.mark.parametrize(
    ("structured", "sent"),
    [
        (
            "json_schema",
            {
                "response_format": {
                    "type": "json_schema",
                    "json_schema": {"name": "answer", "strict": True, "schema": SCHEMA},
                }
            },
        ),
        ("guided_json", {"guided_json": SCHEMA, "structured_outputs": {"json": SCHEMA}}),
        ("none", {}),
    ],
)
def test_the_schema_goes_where_the_server_looks(
    structured: str, sent: dict, choose: Callable, question: Callable
) -> None:
    drawn = Sampling(temperature=0.5, top_p=0.9, max_tokens=77, seed=40)
    request = question(schema=SCHEMA, sampling=drawn, sample=2)
    body = json.loads(chat_body(choose(structured=structured), request))
    del body["messages"]
    assert body == {
        "model": "m", "temperature": 0.5, "top_p": 0.9, "max_tokens": 77, "seed": 42, "stream": False,
        **sent,
    }  # fmt: skip


def test_what_is_no_part_of_the_key_is_no_part_of_the_body(
    choose: Callable, question: Callable
) -> None:
    one: Request = question(schema=SCHEMA)
    other = replace(one, purpose="item", subject="img-2", prompt_sha256="f" * 64)
    assert chat_body(choose(), one) == chat_body(choose(), other)


def test_a_text_model_is_sent_no_pixels(choose: Callable, question: Callable) -> None:
    request = question(messages=(Message("user", "?", (IMAGE,)),))
    with pytest.raises(ValueError, match="describe: pictures for 'm'"):
        chat_body(choose(images=False), request)
