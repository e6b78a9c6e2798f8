"""Tiny random models, made on the spot: real architectures and files, no knowledge, no download.

They stand in for a large model wherever a real engine (transformers, vLLM) is to be driven through: loading,
chat template, tokenizer, pictures, batching, constrained decoding. What they say means nothing.
"""

from pathlib import Path

IMAGE_ROWS = tuple(f"<row_{i}_col_{j}>" for i in range(1, 7) for j in range(1, 7))
SPECIALS = (
    "<pad>",
    "<s>",
    "<|im_start|>",
    "<|im_end|>",
    "<image>",
    "<fake_token_around_image>",
    "<global-img>",
    "<end_of_utterance>",
    "<|vision_start|>",
    "<|vision_end|>",
    "<|image_pad|>",
    "<|video_pad|>",
)
TEXTS = (
    "The picture shows an axial CT slice of the chest. A nodule lies in the right lung.",
    'Answer as JSON: {"code": "a1", "supported": true, "options": ["A", "B", "C", "D", "E"]}',
    "Which finding is marked? The fact sheet names regions R1, R2 and facts F1 to F9.",
)
CHAT = (
    "{% for m in messages %}<|im_start|>{{ m['role'] }}\n"
    "{% if m['content'] is string %}{{ m['content'] }}{% else %}"
    "{% for c in m['content'] %}{% if c['type'] == 'image' %}IMAGE_MARK"
    "{% else %}{{ c['text'] }}{% endif %}{% endfor %}{% endif %}<|im_end|>\n{% endfor %}"
    "{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}"
)
# Sizes of Qwen2-VL-2B-Instruct's config.json.
QWEN2_2B = {
    "vocab_size": 151_936,
    "hidden_size": 1536,
    "intermediate_size": 8960,
    "num_hidden_layers": 28,
    "num_attention_heads": 12,
    "num_key_value_heads": 2,
    "max_position_embeddings": 32_768,
    "rope_parameters": {
        "rope_type": "default",
        "rope_theta": 1_000_000.0,
        "mrope_section": [16, 24, 24],
    },
}
QWEN2_VISION = {"depth": 32, "embed_dim": 1280, "num_heads": 16, "hidden_size": 1536}
WIDTH, HEADS, CONTEXT = 128, 2, 2048  # heads of 64: vLLM's CPU attention dies on 16


def tiny_llama(folder: Path) -> Path:
    """A text model: Llama, two layers. Returns the folder."""
    from transformers import LlamaConfig, LlamaForCausalLM

    tokenizer = _tokenizer(image_mark="")
    config = LlamaConfig(**_text_sizes(tokenizer), rope_theta=10_000.0)
    return _save(folder, _seeded(LlamaForCausalLM, config), tokenizer)


def tiny_idefics3(folder: Path) -> Path:
    """A model that sees: Idefics3 (as SmolVLM is). Pictures of 112 px in tiles of 56, four tokens each.

    It is one that vLLM loads too where there is no torchvision.
    """
    from transformers import Idefics3Config, Idefics3ForConditionalGeneration, Idefics3Processor
    from transformers.models.idefics3.image_processing_pil_idefics3 import (
        Idefics3ImageProcessorPil,
    )

    tokenizer = _tokenizer(image_mark="<image>")
    vision = {"hidden_size": 64, "intermediate_size": 64, "num_hidden_layers": 1} | {
        "num_attention_heads": 1,
        "image_size": 56,
        "patch_size": 14,
    }
    config = Idefics3Config(
        vision_config=vision,
        text_config=_text_sizes(tokenizer) | {"model_type": "llama", "rope_theta": 10_000.0},
        image_token_id=tokenizer.convert_tokens_to_ids("<image>"),
        scale_factor=2,
        tie_word_embeddings=False,
    )
    pictures = Idefics3ImageProcessorPil(
        size={"longest_edge": 112}, max_image_size={"longest_edge": 56}
    )
    processor = Idefics3Processor(
        pictures, tokenizer, image_seq_len=4, chat_template=tokenizer.chat_template
    )
    return _save(folder, _seeded(Idefics3ForConditionalGeneration, config), tokenizer, processor)


def tiny_qwen2_vl(folder: Path) -> Path:
    """A model whose own processor wants torchvision, for the way round it. Pictures at 28-px cells."""
    return _qwen2_vl(folder, full_size=False)


def qwen2_vl_2b(folder: Path) -> Path:
    """The same at the sizes of Qwen2-VL-2B, in bfloat16 on a GPU: to time an engine, not to test it."""
    return _qwen2_vl(folder, full_size=True)


def _qwen2_vl(folder: Path, *, full_size: bool) -> Path:
    from transformers import Qwen2VLConfig, Qwen2VLForConditionalGeneration
    from transformers.models.qwen2_vl.image_processing_pil_qwen2_vl import (
        Qwen2VLImageProcessorPil,
    )

    tokenizer = _tokenizer(image_mark="<|vision_start|><|image_pad|><|vision_end|>")
    ids = {
        f"{name}_token_id": tokenizer.convert_tokens_to_ids(f"<|{token}|>")
        for name, token in (
            ("vision_start", "vision_start"),
            ("vision_end", "vision_end"),
            ("image", "image_pad"),
            ("video", "video_pad"),
        )
    }
    text = _text_sizes(tokenizer) | {
        "rope_parameters": {
            "rope_type": "default",
            "rope_theta": 10_000.0,
            "mrope_section": [8, 12, 12],
        }
    }
    vision = {"depth": 1, "embed_dim": 64, "num_heads": 1, "hidden_size": WIDTH}
    if full_size:
        text, vision = text | QWEN2_2B, QWEN2_VISION
    config = Qwen2VLConfig(text_config=text, vision_config=vision, tie_word_embeddings=False, **ids)
    cells = Qwen2VLImageProcessorPil(
        min_pixels=28 * 28, max_pixels=(1280 if full_size else 8) * 28 * 28
    )
    model = _seeded(Qwen2VLForConditionalGeneration, config)
    return _save(folder, model, tokenizer, cells)


def _tokenizer(image_mark: str):
    """Byte-level BPE trained in memory: knows every byte, so no text is out of reach."""
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers
    from transformers import PreTrainedTokenizerFast

    bpe = Tokenizer(models.BPE())
    bpe.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    bpe.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=448,
        special_tokens=[*SPECIALS, *IMAGE_ROWS],
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    bpe.train_from_iterator(TEXTS, trainer)
    return PreTrainedTokenizerFast(
        tokenizer_object=bpe,
        bos_token="<s>",
        eos_token="<|im_end|>",
        pad_token="<pad>",
        additional_special_tokens=list(SPECIALS[2:]),
        extra_special_tokens={},
        chat_template=CHAT.replace("IMAGE_MARK", image_mark),
        model_max_length=CONTEXT,
    )


def _text_sizes(tokenizer) -> dict:
    return {
        "vocab_size": len(tokenizer),
        "hidden_size": WIDTH,
        "intermediate_size": 2 * WIDTH,
        "num_hidden_layers": 2,
        "num_attention_heads": HEADS,
        "num_key_value_heads": HEADS,
        "max_position_embeddings": CONTEXT,
        "bos_token_id": tokenizer.bos_token_id,
        "eos_token_id": tokenizer.eos_token_id,
        "pad_token_id": tokenizer.pad_token_id,
        "tie_word_embeddings": False,
    }


def _seeded(build, config):
    """Random weights, the same on every machine; large enough to make greedy choices distinct."""
    import torch

    torch.manual_seed(7)
    if config.get_text_config().hidden_size > WIDTH:  # by far the most numbers are drawn on the GPU
        with torch.device("cuda"):
            return build(config).to(torch.bfloat16).eval()
    model = build(config)
    with torch.no_grad():
        for weight in model.parameters():
            if weight.dim() > 1:
                weight.normal_(0, 0.3)
    return model.eval()


def _save(folder: Path, model, *readers) -> Path:
    model.save_pretrained(folder)
    for reader in readers:
        reader.save_pretrained(folder)
    return folder
