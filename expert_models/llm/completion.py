"""Reading a chat completion: strict about the envelope, faithful to the model's words inside."""

import json
from dataclasses import dataclass
from typing import Any, NoReturn

from expert_models.llm.plain import plain

STATED = ("model", "system_fingerprint", "revision")


@dataclass(frozen=True)
class Completion:
    """What one reply says. `stated` holds those of `STATED` that the server gives."""

    text: str
    finish_reason: str
    prompt_tokens: int
    completion_tokens: int
    stated: dict[str, str]


def read_completion(body: bytes) -> Completion:
    """Raises ValueError, which names the place and never the words, on anything but a completion.

    The text is kept as it came, lone surrogates and NUL included: judging it is the caller's.
    A refusal that OpenAI puts in a field of its own becomes the text, with finish_reason "refusal".
    """
    envelope = _parsed(body)
    if not isinstance(envelope, dict):
        raise ValueError("the body is not a JSON object")
    choices = envelope.get("choices")
    if not isinstance(choices, list) or not choices or not isinstance(choices[0], dict):
        raise ValueError("the body has no choices[0]")
    message = choices[0].get("message")
    if not isinstance(message, dict):
        raise ValueError("choices[0] has no message")
    refusal = message["refusal"] if _said(message.get("refusal")) else ""
    usage = envelope.get("usage")
    usage = usage if isinstance(usage, dict) else {}
    return Completion(
        text=refusal or _text(message.get("content")),
        finish_reason="refusal" if refusal else str(choices[0].get("finish_reason") or ""),
        prompt_tokens=_count(usage.get("prompt_tokens")),
        completion_tokens=_count(usage.get("completion_tokens")),
        stated={k: plain(envelope[k]) for k in STATED if _said(envelope.get(k))},
    )


def error_code(body: bytes) -> str:
    """The server's short code of its error, such as "model_not_found", or ""; never its sentences."""
    try:
        value = _parsed(body)
    except ValueError:
        return ""
    error = value.get("error", value) if isinstance(value, dict) else {}
    words = [error.get(k) for k in ("code", "type")] if isinstance(error, dict) else []
    codes = [w for w in words if isinstance(w, str) and w.isascii() and w.isidentifier()]
    return codes[0][:60] if codes else ""


def _parsed(body: bytes) -> Any:
    """Strict JSON: UTF-8, no NaN, no repeated key. Depth is bounded by the interpreter."""
    try:
        return json.loads(body.decode(), object_pairs_hook=_unique, parse_constant=_refuse)
    except RecursionError:
        raise ValueError("the body is nested too deep") from None
    except UnicodeDecodeError:
        raise ValueError("the body is not UTF-8") from None
    except json.JSONDecodeError as error:
        raise ValueError(f"the body is not JSON: {error.msg}, byte {error.pos}") from None


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a key of the body is repeated")
    return found


def _refuse(name: str) -> NoReturn:
    raise ValueError(f"{name} is no JSON number")


def _text(content: Any) -> str:
    """Some servers give the content as parts, as in a request."""
    if content is None:
        return ""
    if isinstance(content, str):
        return content
    if isinstance(content, list) and all(isinstance(part, dict) for part in content):
        texts = [part.get("text") for part in content if part.get("type") == "text"]
        if all(isinstance(text, str) for text in texts):
            return "".join(str(text) for text in texts)
    raise ValueError("the content of the message is no text")


def _said(value: Any) -> bool:
    return isinstance(value, str) and value != ""


def _count(value: Any) -> int:
    return value if isinstance(value, int) and not isinstance(value, bool) and value > 0 else 0
