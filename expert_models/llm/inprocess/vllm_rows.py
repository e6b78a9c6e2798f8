"""Requests and answers as rows of a table, for vLLM workers elsewhere (ray.data.llm's row formats).

A row goes out with all that its worker needs and comes back with the answer alone; what the driver must
remember of a request meanwhile is `Asked`.
"""

import json
from dataclasses import dataclass
from itertools import islice
from typing import Any

import pyarrow as pa

from expert_models.llm.inprocess.base import refused
from expert_models.llm.inprocess.control_tokens import Harmless
from expert_models.llm.inprocess.vllm_terms import vllm_messages, vllm_sampling
from schemas.exchange import Answer, Failure, Message, Request, SentImage

ERROR = "__inference_error__"  # a row that failed holds its message here
ROW = pa.schema(
    [
        pa.field("key", pa.string()),
        pa.field("messages", pa.string()),  # JSON: [role, text, number of pictures] of each
        pa.field("sampling", pa.string()),  # JSON
        pa.field("pictures", pa.list_(pa.binary())),
        pa.field("media_types", pa.list_(pa.string())),
    ]
)


@dataclass(frozen=True)
class Asked:
    """What stays with the driver of a request that is away."""

    max_tokens: int
    held: bool  # to a JSON schema

    @classmethod
    def of(cls, request: Request) -> "Asked":
        return cls(request.sampling.max_tokens, request.schema is not None)


def request_row(key: str, request: Request, *, structured: bool) -> dict[str, Any]:
    """A row of ROW. Messages and sampling are JSON text: as nested columns Arrow would give all rows one
    shape, with nulls in a schema or a message wherever another row has a field."""
    pictures = [image for message in request.messages for image in message.images]
    return {
        "key": key,
        "messages": json.dumps([[m.role, m.text, len(m.images)] for m in request.messages]),
        "sampling": json.dumps(vllm_sampling(key, request, structured=structured)),
        "pictures": [image.data for image in pictures],
        "media_types": [image.media_type for image in pictures],
    }


@dataclass(frozen=True)
class Asking:
    """In a worker: a row of ROW to what the engine takes."""

    harmless: Harmless
    sees: bool

    def __call__(self, row: dict[str, Any]) -> dict[str, Any]:
        pictures = zip(row["pictures"], row["media_types"], strict=True)
        images = iter([SentImage(bytes(data), "", 0, 0, kind) for data, kind in pictures])
        messages = tuple(
            Message(role, text, tuple(islice(images, count)))
            for role, text, count in json.loads(row["messages"])
        )
        return {
            "messages": vllm_messages(Request("", "", messages), self.harmless, sees=self.sees),
            "sampling_params": json.loads(row["sampling"]),
            "pictures": [],  # they are in the messages now
            "media_types": [],
        }


def answer_row(row: dict[str, Any]) -> dict[str, Any]:
    """In a worker: what the engine made of a row, without prompt and pictures."""
    return {
        "key": row["key"],
        "text": row["generated_text"],
        "prompt_tokens": row["num_input_tokens"],
        "completion_tokens": row["num_generated_tokens"],
        "seconds": row["time_taken_llm"],
    }


def result_of(row: dict[str, Any], asked: Asked, model: str) -> Answer | Failure:
    """In the driver: a row that came back."""
    if row.get(ERROR):
        return refused(row["key"], row[ERROR])
    return Answer(
        key=row["key"],
        text=row["text"],
        model=model,
        finish_reason=_finish_reason(row["text"], row["completion_tokens"], asked),
        prompt_tokens=row["prompt_tokens"],
        completion_tokens=row["completion_tokens"],
        seconds=row["seconds"],
    )


def _finish_reason(text: str, tokens: int, asked: Asked) -> str:
    """ray.data.llm drops vLLM's own word for it: an answer of all the tokens allowed was cut, unless it
    was held to a schema and is whole. One cut by the end of the context reads as malformed later."""
    if tokens < asked.max_tokens:
        return "stop"
    return "stop" if asked.held and _is_json(text) else "length"


def _is_json(text: str) -> bool:
    try:
        json.loads(text)
    except (ValueError, RecursionError):
        return False
    return True
