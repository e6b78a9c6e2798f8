"""A request in vLLM's terms: messages with data URIs, sampling with a schema. Plain data, no import of it.

Shared by the engine in this process and by Ray's.
"""

import base64
import json
from typing import Any

from expert_models.llm.inprocess.base import draw_seed
from expert_models.llm.inprocess.control_tokens import Harmless
from schemas.exchange import Request, SentImage

# The library and style that the transformers engine has, so that both write answers alike.
HELD = {"backend": "guidance", "disable_any_whitespace": True}
WEIGHTS = {"load_format": "safetensors"}  # unless a recipe says otherwise: never a pickle


def vllm_messages(request: Request, harmless: Harmless, *, sees: bool) -> list[dict[str, Any]]:
    """Messages of the OpenAI chat form. sees: content in parts, pictures first, as data URIs."""
    return [
        {
            "role": message.role,
            "content": [
                *(_picture(image) for image in message.images),
                {"type": "text", "text": harmless(message.text)},
            ]
            if sees
            else harmless(message.text),
        }
        for message in request.messages
    ]


def vllm_sampling(key: str, request: Request, *, structured: bool) -> dict[str, Any]:
    """Keyword arguments of SamplingParams; `structured_outputs` as those of StructuredOutputsParams.

    The schema goes as a JSON string: as nested columns of Arrow, schemas of several rows would be
    merged into one shape, with nulls for whatever the others hold.
    """
    drawn = request.sampling
    held = structured and request.schema is not None
    return {
        "temperature": drawn.temperature,
        "top_p": drawn.top_p,
        "max_tokens": drawn.max_tokens,
        "seed": draw_seed(key, request),
        "structured_outputs": {"json": json.dumps(request.schema)} if held else None,
    }


def _picture(image: SentImage) -> dict[str, Any]:
    data = base64.b64encode(image.data).decode()
    return {"type": "image_url", "image_url": {"url": f"data:{image.media_type};base64,{data}"}}
