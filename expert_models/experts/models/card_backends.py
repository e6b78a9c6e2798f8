"""Which module runs a card: a table of names, imported only when a card names one."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Backend:
    """place: `module:function`, called as `function(card, setting)`, gives an unloaded Expert.

    needs: what to install. shaped: the card says the network's `input` and `output`, and the shared
    runtime reads them; other backends know their own pre- and post-processing and take `options`.
    weights: they belong to the card (else the backend's own package may bring them).
    """

    place: str
    needs: str
    shaped: bool = False
    weights: bool = True


_HERE = "expert_models.experts.models"

BACKENDS: dict[str, Backend] = {
    "onnx": Backend(f"{_HERE}.onnx:expert", "experts", shaped=True),
    "torchscript": Backend(f"{_HERE}.torchscript:expert", "models", shaped=True),
    "safetensors": Backend(f"{_HERE}.safetensors:expert", "models", shaped=True),
    "pickle": Backend(f"{_HERE}.safetensors:pickled_expert", "models", shaped=True),
    "transformers-sam": Backend(f"{_HERE}.transformers_sam:expert", "models"),
    "transformers-detector": Backend(f"{_HERE}.transformers_detector:expert", "models"),
    "transformers-segmenter": Backend(f"{_HERE}.transformers_segmenter:expert", "models"),
    "transformers-clip": Backend(f"{_HERE}.transformers_clip:expert", "models"),
    "monai-bundle": Backend(f"{_HERE}.monai_bundle:expert", "monai"),
    "totalsegmentator": Backend(
        f"{_HERE}.totalsegmentator:expert", "the package TotalSegmentator", weights=False
    ),
    "cellpose": Backend(f"{_HERE}.cellpose:expert", "the package cellpose", weights=False),
    "hovernet": Backend(f"{_HERE}.hovernet:expert", "the package tiatoolbox", weights=False),
}
"""A backend is a line here and a module with a function `expert(card: ModelCard, setting: Setting)`."""
