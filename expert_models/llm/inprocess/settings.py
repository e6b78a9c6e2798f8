"""What a recipe may say of an in-process engine (`engine:` of a model), and what it may not."""

from typing import Any

from pydantic import BaseModel, ConfigDict, Field

FORBIDDEN = {
    "trust_remote_code": "code that comes with weights is never run",
    "model": "it is the recipe's `model`",
    "tokenizer": "it comes with the model",
    "revision": "it is the recipe's `revision`",
    "allowed_local_media_path": "pictures are sent, never read from a path that a text names",
    "allowed_media_domains": "nothing is fetched",
}


class TransformersSettings(BaseModel):
    """`engine:` of the backend `transformers`."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    batch_size: int = Field(8, ge=1, description="requests at once; halved where memory runs out")
    device: str = Field(
        "auto", description="auto: cuda, else mps, else cpu; or a name such as cuda:1"
    )
    device_map: str | None = Field(
        None, description="such as `auto`: spread one model over several devices (accelerate)"
    )
    dtype: str = Field("auto", description="auto: bfloat16 on cuda and mps, float32 on cpu")
    attn_implementation: str | None = Field(None, description="such as sdpa or flash_attention_2")
    chat_template: str | None = Field(
        None, description="in place of the model's own: the template, or the path of a .jinja file"
    )
    chat_template_kwargs: dict[str, Any] = Field(
        {}, description="options of the chat template, such as {enable_thinking: false}"
    )


def checked(engine: dict[str, Any]) -> dict[str, Any]:
    """A copy of `engine`. Raises ValueError where a setting would undo a promise of ours."""
    wrong = [f"engine.{name}: {FORBIDDEN[name]}" for name in engine if name in FORBIDDEN]
    if wrong:
        raise ValueError("; ".join(wrong))
    return dict(engine)
