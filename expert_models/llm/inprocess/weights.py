"""Weights, tokenizer and processor of a transformers model: a local folder or a Hub id at a revision.

Weights are safetensors or nothing, and code that comes with a model is never run.
"""

from dataclasses import dataclass
from typing import Any

from expert_models.llm.choice import ModelChoice
from expert_models.llm.inprocess.settings import TransformersSettings


@dataclass(frozen=True)
class Loaded:
    """A model ready to answer. reader: what turns chats into tensors (a processor, or the tokenizer).

    context: tokens of prompt and answer together, or None where the model does not say.
    """

    model: Any
    reader: Any
    tokenizer: Any
    eos_ids: list[int]
    pad_id: int
    context: int | None


def weights_of(choice: ModelChoice, settings: TransformersSettings) -> Loaded:
    """Raises OSError where there is no such model, ValueError where it is of another kind."""
    from transformers import AutoModelForCausalLM, AutoModelForImageTextToText, AutoTokenizer
    from transformers.utils.logging import disable_progress_bar

    disable_progress_bar()
    source: dict[str, Any] = {"revision": choice.revision or "main", "trust_remote_code": False}
    name = choice.model
    tokenizer = AutoTokenizer.from_pretrained(name, **source)
    reader = _processor(name, source, tokenizer) if choice.images else tokenizer
    kind: Any = AutoModelForImageTextToText if choice.images else AutoModelForCausalLM
    model = kind.from_pretrained(name, use_safetensors=True, **source, **_placed(settings))
    if settings.device_map is None:
        model = model.to(device_of(settings.device))
    return _ready(model.eval(), reader, getattr(reader, "tokenizer", tokenizer))


def device_of(device: str) -> str:
    """The device that `auto` stands for here."""
    import torch

    if device != "auto":
        return device
    if torch.cuda.is_available():
        return "cuda"
    return "mps" if torch.backends.mps.is_available() else "cpu"


def _placed(settings: TransformersSettings) -> dict[str, Any]:
    import torch

    on_cpu = device_of(settings.device) == "cpu"
    automatic = torch.float32 if on_cpu else torch.bfloat16
    placed: dict[str, Any] = {
        "dtype": automatic if settings.dtype == "auto" else getattr(torch, settings.dtype)
    }
    if settings.device_map:
        placed["device_map"] = settings.device_map
    if settings.attn_implementation:
        placed["attn_implementation"] = settings.attn_implementation
    return placed


def _processor(name: str, source: dict[str, Any], tokenizer: Any) -> Any:
    """The model's processor; where only its video half is missing (no torchvision), the rest of it."""
    from transformers import AutoProcessor

    try:
        return AutoProcessor.from_pretrained(name, **source)
    except ImportError as missing:
        if "torchvision" not in str(missing).lower():
            raise
        return _without_video(name, source, tokenizer)


def _without_video(name: str, source: dict[str, Any], tokenizer: Any) -> Any:
    """The same processor with no video half, which alone needs torchvision (Qwen2-VL and its kin)."""
    from transformers import AutoConfig, AutoImageProcessor
    from transformers.models.auto.processing_auto import (
        PROCESSOR_MAPPING_NAMES,
        processor_class_from_name,
    )

    kind = AutoConfig.from_pretrained(name, **source).model_type
    full = processor_class_from_name(PROCESSOR_MAPPING_NAMES[kind])

    class PicturesOnly(full):  # type: ignore[misc, valid-type]
        def check_argument_for_proper_class(self, argument: str, value: Any) -> Any:
            if argument == "video_processor" and value is None:
                return None
            return super().check_argument_for_proper_class(argument, value)

    PicturesOnly.__name__ = full.__name__  # transformers looks options up by this name
    said, _ = full.get_processor_dict(name, **source)
    return PicturesOnly(
        image_processor=AutoImageProcessor.from_pretrained(name, **source),
        tokenizer=tokenizer,
        video_processor=None,
        chat_template=said.get("chat_template") or tokenizer.chat_template,
    )


def _ready(model: Any, reader: Any, tokenizer: Any) -> Loaded:
    """Left padding, so that all answers of a batch start in one column; the recipe's sampling alone.

    A model's own generation settings (penalties, top_k) are set aside but for the ids that end an
    answer: what is drawn follows from the request, not from a file beside the weights.
    """
    from transformers import GenerationConfig

    shipped = model.generation_config
    ends = shipped.eos_token_id if shipped.eos_token_id is not None else tokenizer.eos_token_id
    if ends is None:
        raise ValueError("the model names no token that ends an answer")
    eos_ids = sorted(set(ends)) if isinstance(ends, list | tuple) else [ends]
    if tokenizer.eos_token_id is not None and tokenizer.eos_token_id not in eos_ids:
        eos_ids.append(tokenizer.eos_token_id)
    pad_id = tokenizer.pad_token_id if tokenizer.pad_token_id is not None else eos_ids[0]
    tokenizer.padding_side = "left"
    if tokenizer.pad_token_id is None:
        tokenizer.pad_token = tokenizer.convert_ids_to_tokens(pad_id)
    model.generation_config = GenerationConfig(
        do_sample=False, eos_token_id=eos_ids, pad_token_id=pad_id
    )
    context = getattr(model.config.get_text_config(), "max_position_embeddings", None)
    return Loaded(model, reader, tokenizer, eos_ids, pad_id, context)
