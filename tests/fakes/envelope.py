"""The HTTP side of an answer: what is read of a request, and what is put round a model's words."""

import hashlib
import json
from typing import Any

from aiohttp import web

from tests.fakes.garbage import Said
from tests.fakes.script import Fault, Seen


def enveloped(said: Said, seen: Seen, model: str) -> dict[str, Any]:
    """A chat completion; token counts are characters / 4, as no tokenizer is at hand."""
    message = {"role": "assistant", "content": said.text}
    return {
        "id": f"chatcmpl-{seen.prompt[:12]}",
        "object": "chat.completion",
        "created": 0,  # no clock: the same request has the same bytes for an answer
        "model": model,
        "system_fingerprint": "fp_fake",
        "choices": [{"index": 0, "message": message, "finish_reason": said.finish_reason}],
        "usage": {
            "prompt_tokens": len(seen.text) // 4 + 1,
            "completion_tokens": len(said.text) // 4 + 1,
        },
    }


def refusal(fault: Fault) -> web.Response:
    """The answer of a status fault."""
    error = {"error": {"message": f"scripted {fault.status}", "code": fault.status}}
    body = fault.body or json.dumps(error)
    headers = {"Content-Type": "application/json", **fault.headers}
    return web.Response(
        status=fault.status,
        headers=headers,
        body=body if isinstance(body, bytes) else body.encode(),
    )


def text_of(body: dict[str, Any]) -> str:
    """All text of the messages, pictures left out."""
    return "\n".join(
        part["text"]
        for message in body["messages"]
        for part in parts_of(message)
        if part.get("type") == "text"
    )


def parts_of(message: dict[str, Any]) -> list[dict[str, Any]]:
    """A message's content as a list of parts, also where it is sent as bare text."""
    content = message.get("content") or ""
    return [{"type": "text", "text": content}] if isinstance(content, str) else content


def digest_of(value: Any) -> str:
    """sha256 (hex) of JSON whatever the order of its keys."""
    return hashlib.sha256(json.dumps(value, sort_keys=True).encode()).hexdigest()
