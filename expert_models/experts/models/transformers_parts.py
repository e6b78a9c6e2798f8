"""Model, image processor and tokenizer of a transformers checkpoint folder.

Only the folder is read: no code that comes with a model is run, nothing is fetched. Image processors are
those of Pillow, so that torchvision is not needed and every machine prepares the same pixels.
"""

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np

from expert_models.experts.models.card_model import ModelCard

SAFE = ("*.safetensors", "*.safetensors.index.json")


def model_of(kind: Any, folder: Path, *, device: str) -> Any:
    """The model of an Auto class (or a model class) in float32, in evaluation mode, on `device`.

    Safetensors where there are any; a pickle is there only where the recipe allowed it (`weights.located`).
    Raises ValueError where the weights do not fill the model: a layer that the file lacks would be drawn
    at random, and nobody would see it.
    """
    import torch
    from transformers.utils.logging import disable_progress_bar

    disable_progress_bar()
    safe = any(any(folder.glob(pattern)) for pattern in SAFE)
    model, said = kind.from_pretrained(
        str(folder),
        local_files_only=True,
        trust_remote_code=False,
        use_safetensors=safe,
        dtype=torch.float32,
        output_loading_info=True,
    )
    lacking = sorted(map(str, [*said["missing_keys"], *said["mismatched_keys"]]))
    if lacking:
        raise ValueError(
            f"the weights of {folder.name} do not fill {type(model).__name__}: "
            f"{len(lacking)} tensors are absent or of another shape, such as {lacking[0]}"
        )
    return model.to(device).eval().requires_grad_(False)


def image_processor_of(folder: Path) -> Any:
    """The checkpoint's image processor, the Pillow one. Raises ValueError where there is none."""
    from transformers import AutoImageProcessor

    try:
        return AutoImageProcessor.from_pretrained(
            str(folder), local_files_only=True, trust_remote_code=False, backend="pil"
        )
    except ImportError as missing:
        raise ValueError(
            f"the image processor of {folder.name} has no Pillow form: {missing}"
        ) from missing


def tokenizer_of(folder: Path) -> Any:
    """The checkpoint's tokenizer."""
    from transformers import AutoTokenizer

    return AutoTokenizer.from_pretrained(
        str(folder), local_files_only=True, trust_remote_code=False
    )


def image_settings(folder: Path) -> dict[str, Any]:
    """What the checkpoint says of its image processor; {} where it says nothing.

    A processor file holds it beside the tokenizer's, an older checkpoint in a file of its own.
    """
    for name, inner in (
        ("processor_config.json", "image_processor"),
        ("preprocessor_config.json", ""),
    ):
        path = folder / name
        if path.is_file():
            said = json.loads(path.read_text(encoding="utf-8"))
            said = said.get(inner) if inner else said
            if isinstance(said, dict) and said:
                return said
    return {}


def model_type(folder: Path) -> str:
    """The kind of model that `config.json` names, such as "sam". Raises ValueError where it names none."""
    path = folder / "config.json"
    if not path.is_file():
        raise ValueError(f"{folder.name} holds no config.json: it is no transformers checkpoint")
    named = json.loads(path.read_text(encoding="utf-8")).get("model_type")
    if not isinstance(named, str):
        raise ValueError(f"config.json of {folder.name} names no model_type")
    return named


def check_classes(card: ModelCard, model: Any) -> None:
    """Raises ValueError where a number of the card is none of the network's."""
    known = model.config.id2label
    if not card.classes:
        raise ValueError(f"the card names no `classes`; those of the network are {known}")
    if strange := sorted(set(card.classes) - set(known)):
        raise ValueError(f"the card's classes {strange} are none of the network, which has {known}")


def fits(tokenizer: Any, texts: Iterable[str], length: int) -> None:
    """Raises ValueError for a text that would be cut, and so ask for something else."""
    for text in texts:
        count = len(tokenizer(text)["input_ids"])
        if count > length:
            raise ValueError(f"{text!r} takes {count} tokens; the model reads {length}")


def rgb(display: np.ndarray) -> np.ndarray:
    """[H, W, 3] uint8: the picture in colour, gray repeated. Raises ValueError on anything but bytes."""
    if display.dtype != np.uint8 or display.ndim not in (2, 3):
        raise ValueError(
            f"a picture of {display.dtype} {display.shape} is not 8-bit gray or colour"
        )
    if display.ndim == 2:
        return np.repeat(display[:, :, None], 3, axis=2)
    return np.ascontiguousarray(display)
