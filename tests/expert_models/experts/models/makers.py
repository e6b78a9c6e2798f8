"""Tiny networks whose answers are known, and cards for them. Written to disk and read by the real loaders."""

import hashlib
from pathlib import Path
from typing import Any

import numpy as np
import yaml

from expert_models.experts.base import Scan, VolumeScan
from expert_models.experts.models.card import ModelCard, load_card

BRIGHT = 0.5  # of 1: from here the networks below call a pixel the class


def bright_onnx(
    path: Path,
    *,
    channels: int = 3,
    gain: float = 40.0,
    size: tuple[Any, ...] = ("H", "W"),
    batch: Any = "N",
    outputs: int = 1,
) -> Path:
    """y = gain * (mean of channels - BRIGHT): [N, outputs, *size], one 1x1 convolution."""
    from onnx import TensorProto, helper, numpy_helper

    axes = len(size)
    weight = np.full((outputs, channels) + (1,) * axes, gain / channels, np.float32)
    bias = np.full(outputs, -gain * BRIGHT, np.float32)
    if outputs == 2:  # background: the opposite
        weight[0], bias[0] = -weight[0], -bias[0]
    float32 = TensorProto.FLOAT
    graph = helper.make_graph(
        [helper.make_node("Conv", ["image", "w", "b"], ["logits"])],
        "bright",
        [helper.make_tensor_value_info("image", float32, [batch, channels, *size])],
        [helper.make_tensor_value_info("logits", float32, [batch, outputs, *size])],
        [numpy_helper.from_array(weight, "w"), numpy_helper.from_array(bias, "b")],
    )
    return saved_onnx(path, graph)


def saved_onnx(path: Path, graph: Any) -> Path:
    """The graph in a file that ONNX Runtime of the last years reads."""
    from onnx import helper

    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9)
    path.write_bytes(model.SerializeToString())
    return path


def sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def card_fields(weights: Path | str | None = "net.onnx", **fields: Any) -> dict[str, Any]:
    """A valid card of a segmenter; a test names only the fields it is about, None takes one out."""
    digest = sha256(weights) if isinstance(weights, Path) and weights.is_file() else "0" * 64
    made = {
        "name": "bright",
        "version": "1",
        "kind": "segmenter",
        "classes": {0: "polyp"},
        "modalities": ["ES"],
        "method": "A threshold as a network.",
        "source": "made by hand",
        "license_code": "Apache-2.0",
        "license_weights": "CC0-1.0",
        "backend": "onnx",
        "weights": None if weights is None else str(weights),
        "weights_sha256": digest,
        "input": {"fit": "whole", "channels": "rgb"},
        "output": {"kind": "semantic", "activation": "sigmoid"},
    }
    return {key: value for key, value in (made | fields).items() if value is not None}


def card_at(folder: Path, weights: Path | str | None = "net.onnx", **fields: Any) -> ModelCard:
    """The card, written as YAML and read back."""
    path = folder / "card.yaml"
    path.write_text(yaml.safe_dump(card_fields(weights, **fields), sort_keys=False))
    return load_card(path)


def picture(height: int = 37, width: int = 53) -> np.ndarray:
    """[H, W, 3] uint8: dark, with a bright block low on the left and a bright bar at the top right."""
    made = np.full((height, width, 3), 40, np.uint8)
    made[height // 2 : height - 5, 3 : width // 3] = 230
    made[2:6, width - 9 : width - 1] = 220
    return made


def bright(display: np.ndarray) -> np.ndarray:
    """[H, W] bool: what the networks above are to find."""
    values = display if display.ndim == 2 else display.mean(axis=2)
    return values / 255 > BRIGHT


def scan(display: np.ndarray | None = None, **fields: Any) -> Scan:
    return Scan("s", picture() if display is None else display, **({"modality": "ES"} | fields))


def volume(values: np.ndarray, **fields: Any) -> VolumeScan:
    known = {"modality": "CT", "unit": "HU", "spacing_mm": (5.0, 1.0, 2.0), "placed": True}
    return VolumeScan("v", values, **(known | fields))
