"""The body of a chat-completions request: a function of what the request's key covers, nothing else.

Source: OpenAI API reference, "Create chat completion"; vLLM, "OpenAI-compatible server".
"""

import base64
import json
from typing import Any

from expert_models.llm.choice import ModelChoice
from schemas.exchange import Message, Request, SentImage
from transforms.prompting.answer_schema import without_bounds

SCHEMA_NAME = "answer"


def chat_body(choice: ModelChoice, request: Request) -> bytes:
    """The JSON body. Pictures go as data URIs, before the text of their message.

    Raises ValueError where a picture would go to a text model (`images: false`).
    """
    if not choice.images and any(m.images for m in request.messages):
        raise ValueError(f"{request.purpose}: pictures for {choice.model!r}, which takes none")
    messages = b",".join(_message(m) for m in request.messages)
    return b'{"messages":[' + messages + b"]," + _json(_fields(choice, request))[1:]


def _fields(choice: ModelChoice, request: Request) -> dict[str, Any]:
    drawn = request.sampling
    return {
        "model": choice.model,
        "temperature": drawn.temperature,
        "top_p": drawn.top_p,
        "max_tokens": drawn.max_tokens,
        "seed": drawn.seed + request.sample,
        "stream": False,
        **_constraint(choice, request.schema),
    }


def _constraint(choice: ModelChoice, schema: dict[str, Any] | None) -> dict[str, Any]:
    if schema is None or choice.structured == "none":
        return {}
    if choice.structured == "guided_json":
        # vLLM renamed the field in 0.12 and ignores one that it does not know, so both are sent.
        return {"guided_json": schema, "structured_outputs": {"json": schema}}
    if choice.structured == "openai_strict":
        schema = without_bounds(schema)
    named = {"name": SCHEMA_NAME, "strict": True, "schema": schema}
    return {"response_format": {"type": "json_schema", "json_schema": named}}


def _message(message: Message) -> bytes:
    if not message.images:
        return _json({"role": message.role, "content": message.text})
    parts = [_picture(image) for image in message.images]
    if message.text:
        parts.append(_json({"type": "text", "text": message.text}))
    return b'{"role":%b,"content":[%b]}' % (_json(message.role), b",".join(parts))


def _picture(image: SentImage) -> bytes:
    """Base64 needs no escaping, so it is spliced in: the JSON encoder never reads through pixels."""
    kind = _json(f"data:{image.media_type};base64,")[:-1]
    return b'{"type":"image_url","image_url":{"url":%b%b"}}' % (kind, base64.b64encode(image.data))


def _json(value: Any) -> bytes:
    return json.dumps(value, separators=(",", ":")).encode()
