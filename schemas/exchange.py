"""Exchange: one request to a model, and what came of it.

A request's key is a digest of everything that can change the answer, so an answer under that key can
stand in for asking again. Where the model is served (address, host) is not part of it.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

import pyarrow as pa

from schemas.ids import digest

ROLES = ("system", "user", "assistant")


@dataclass(frozen=True)
class SentImage:
    """A picture as it is sent: an encoded copy, never the released file itself.

    width, height: pixels of this copy. sha256: hex, of `data`.
    """

    data: bytes = field(repr=False)
    sha256: str
    width: int
    height: int
    media_type: str = "image/png"


@dataclass(frozen=True)
class Message:
    """One turn. Its images come before its text."""

    role: str
    text: str
    images: tuple[SentImage, ...] = ()


@dataclass(frozen=True)
class Sampling:
    """How the model draws its answer."""

    temperature: float = 0.0
    top_p: float = 1.0
    max_tokens: int = 1024
    seed: int = 0


@dataclass(frozen=True)
class Request:
    """What is asked. `schema` is the JSON schema of the answer, or None for free text.

    purpose: stage of the ledger, such as "describe", "item", "judge_sentences". subject: the image or
    question it is about. Neither is part of the key, nor is `prompt_sha256` (the messages are).
    sample: number of the draw where the same question is asked several times.
    """

    purpose: str
    subject: str
    messages: tuple[Message, ...]
    schema: dict[str, Any] | None = None
    sampling: Sampling = Sampling()
    sample: int = 0
    prompt_sha256: str = ""


@dataclass(frozen=True)
class Answer:
    """What the model said. `seconds` and `attempts` are of the call that fetched it."""

    key: str
    text: str
    model: str  # as the server reports it
    finish_reason: str  # "stop", "length", "content_filter", ...
    prompt_tokens: int
    completion_tokens: int
    seconds: float = 0.0
    attempts: int = 1
    cached: bool = False


@dataclass(frozen=True)
class Failure:
    """No answer, after all attempts. `reason` is a code of schemas.reasons; `raw` what did come, cut short."""

    key: str
    reason: str
    detail: str
    attempts: int = 1
    seconds: float = 0.0
    raw: str = ""


Ask = Callable[[Request], Awaitable[Answer | Failure]]
"""The one door to a model: writers and judges are given an `Ask` and know no backend."""


def request_key(model: str, revision: str, request: Request) -> str:
    """sha256 (hex) over model, revision, messages, digests of the images, schema and sampling."""
    messages = [[m.role, m.text, [i.sha256 for i in m.images]] for m in request.messages]
    s = request.sampling
    drawn = [s.temperature, s.top_p, s.max_tokens, s.seed, request.sample]
    return digest("request", model, revision, messages, request.schema, drawn)


EXCHANGE = pa.schema(
    [
        pa.field("key", pa.string(), nullable=False),
        pa.field("purpose", pa.string(), nullable=False),
        pa.field("subject", pa.string(), nullable=False),
        pa.field("model", pa.string(), nullable=False),  # as the recipe names it
        pa.field("prompt_sha256", pa.string(), nullable=False),
        pa.field("outcome", pa.string(), nullable=False),  # "answered", or a reason of failure
        pa.field("text", pa.string(), nullable=False),  # the answer; of a failure what did come
        pa.field("prompt_tokens", pa.int64(), nullable=False),
        pa.field("completion_tokens", pa.int64(), nullable=False),
        pa.field("seconds", pa.float64(), nullable=False),  # of the fetching call, also when reused
        pa.field("attempts", pa.int32(), nullable=False),
        pa.field("cached", pa.bool_(), nullable=False),
        pa.field(
            "served_as", pa.string(), nullable=False
        ),  # the server's name of it; "": no answer
    ]
)
"""The book of one shard's conversation with models: every attempt is kept."""
