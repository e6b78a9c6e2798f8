"""SAM, SAM 2 and SAM 3 (and checkpoints of their kind, such as MedSAM): boxes become masks.

One finding a prompt, in the order of `Scan.prompts`, a mask each, empty where the model marks nothing.
The predicted IoU is its `quality`. Source: Kirillov et al. 2023 (arXiv:2304.02643), Ravi et al. 2024
(arXiv:2408.00714); MedSAM: Ma et al., Nature Communications 15 (2024) 654.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np
from pydantic import Field

from expert_models.experts.base import Expert, Found, Prediction, Scan
from expert_models.experts.models.card_model import ModelCard
from expert_models.experts.models.family import Options, card_fault, options_of
from expert_models.experts.models.resident import Setting
from expert_models.experts.models.runtime import ModelExpert
from expert_models.experts.models.runtime_job import OneInput
from expert_models.experts.models.transformers_network import TransformersNetwork, on_host
from expert_models.experts.models.transformers_prompts import (
    Square,
    inside,
    scaled,
    square_of,
    squared,
)

KINDS = {
    "sam": "SamModel",
    "sam2": "Sam2Model",
    "sam2_video": "Sam2Model",
    "sam3_tracker": "Sam3TrackerModel",
    "sam3_video": "Sam3TrackerModel",
}
"""model_type of a checkpoint: the class that takes boxes on one picture."""

AT_ONCE = 32  # prompts of one decoder pass, and masks brought to the picture's size together


class SamOptions(Options):
    """Of `backend: transformers-sam`."""

    multimask: bool = Field(
        False,
        description="let the model draw three masks a box and keep the one of the best predicted IoU; "
        "its authors advise one mask where the prompt is a box",
    )
    fit: Literal["model", "stretch"] = Field(
        "model", description="stretch: to the square whatever the shape, as MedSAM is trained"
    )
    scale: Literal["model", "minmax"] = Field(
        "model", description="minmax: the picture's own range to 0 to 1, as MedSAM is trained"
    )


@dataclass
class Shown:
    """pixels [3, S, S]; boxes [N, 4] in it; valid: (rows, columns) of it that the picture covers."""

    pixels: Any
    boxes: np.ndarray
    valid: tuple[int, int]


def expert(card: ModelCard, setting: Setting) -> Expert:
    """The expert of such a card, not loaded."""
    if not card.refines:
        raise card_fault(card, ["refines"], False, "true: a SAM turns boxes into masks")
    return ModelExpert(card, SamNetwork(card, setting))


class SamNetwork(TransformersNetwork):
    """The image encoder runs once a picture, the mask decoder on its boxes."""

    def __init__(self, card: ModelCard, setting: Setting) -> None:
        super().__init__(card, setting)
        self.options = options_of(SamOptions, card)
        self.label = card.reported[0] if len(card.reported) == 1 else ""
        self.processor: Any = None  # of SAM; None: the picture is stretched
        self.square: Square | None = None

    def open(self, folder: Path) -> None:
        """Raises ValueError for a checkpoint of another kind."""
        import transformers

        from expert_models.experts.models.transformers_parts import (
            image_processor_of,
            image_settings,
            model_type,
        )

        kind = model_type(folder)
        if kind not in KINDS:
            raise ValueError(
                f"{folder.name} is a {kind!r}; of the SAM family are {', '.join(KINDS)}"
            )
        self.model = self.model_from(getattr(transformers, KINDS[kind]), folder)
        if kind == "sam" and self.options.fit == "model":
            self.processor = image_processor_of(folder)
        elif kind == "sam":
            side = self.model.config.vision_config.image_size
            self.square = square_of(
                {**image_settings(folder), "size": {"height": side, "width": side}}
            )
        else:
            self.square = square_of(image_settings(folder))

    def job(self, scan: Scan) -> Any:
        """The picture and its boxes; one without a box was refused by its card (`runtime_suits`)."""
        shape = (scan.display.shape[0], scan.display.shape[1])
        shown = self.shown(scan, shape)
        return OneInput(shown, lambda output: self.read(output, shape, shown.valid))

    def shown(self, scan: Scan, shape: tuple[int, int]) -> Shown:
        """The picture and its boxes as the network sees them."""
        from expert_models.experts.models.transformers_parts import rgb

        picture = stretched_range(rgb(scan.display), self.options.scale)
        if self.square is not None:
            square = self.square if self.options.scale == "model" else _bare(self.square)
            pixels, valid = squared(picture, square), (square.side, square.side)
        else:
            plain = {"image_mean": [0.0] * 3, "image_std": [1.0] * 3}
            made = self.processor(
                images=picture, return_tensors="pt", input_data_format="channels_last",
                **(plain if self.options.scale == "minmax" else {}),
            )  # fmt: skip
            rows, columns = made["reshaped_input_sizes"][0].tolist()
            pixels, valid = made["pixel_values"][0], (int(rows), int(columns))
        return Shown(pixels, scaled(inside(scan.prompts, shape), shape, valid), valid)

    def forward(self, inputs: Sequence[Shown]) -> list[tuple[Any, Any]]:
        """Of each picture (logits [N, h, w], predicted IoU [N]), one mask a prompt."""
        import torch

        pixels = torch.stack([one.pixels for one in inputs]).to(self.place.device)
        made = self.model.get_image_embeddings(pixels)
        levels = [level.float() for level in (made if isinstance(made, list) else [made])]
        return [
            self.decoded([level[i : i + 1] for level in levels], one.boxes)
            for i, one in enumerate(inputs)
        ]

    def decoded(self, levels: list[Any], boxes: np.ndarray) -> tuple[Any, Any]:
        """The masks of one picture, some prompts at a time, in float32 whatever the encoder runs in.

        bfloat16 holds eight bits: a prompt's edge would be off by some px of a thousand.
        """
        import torch

        given = torch.as_tensor(boxes, dtype=torch.float32, device=self.place.device)[None]
        masks, rated = [], []
        for start in range(0, given.shape[1], AT_ONCE):
            with torch.autocast(self.place.device.split(":")[0], enabled=False):
                said = self.model(
                    image_embeddings=levels if len(levels) > 1 else levels[0],
                    input_boxes=given[:, start : start + AT_ONCE],
                    multimask_output=self.options.multimask,
                )
            best = said.iou_scores[0].argmax(dim=1)
            each = torch.arange(len(best), device=best.device)
            masks.append(on_host(said.pred_masks[0][each, best]))
            rated.append(on_host(said.iou_scores[0][each, best]))
        return torch.cat(masks), torch.cat(rated)

    def read(
        self, output: tuple[Any, Any], shape: tuple[int, int], valid: tuple[int, int]
    ) -> Prediction:
        """Masks in the picture's grid: padding cut off, then bilinear, then above zero."""
        logits, rated = output
        found: list[Found] = []
        for start in range(0, len(logits), AT_ONCE):
            masks = self.upsampled(logits[start : start + AT_ONCE], shape, valid)
            for mask, iou in zip(masks, rated[start : start + AT_ONCE].tolist(), strict=True):
                quality = min(1.0, max(0.0, iou)) if mask.any() else 0.0
                found.append(Found(self.label, mask=mask, quality=quality))
        return found

    def upsampled(self, logits: Any, shape: tuple[int, int], valid: tuple[int, int]) -> np.ndarray:
        """[N, H, W] bool."""
        import torch

        if self.square is None:
            whole = self.processor.post_process_masks([logits[:, None]], [shape], [valid])[0]
        else:
            whole = torch.nn.functional.interpolate(
                logits[:, None], shape, mode="bilinear", align_corners=False
            )
            whole = whole > 0
        return np.asarray(whole[:, 0].numpy())


def stretched_range(picture: np.ndarray, scale: str) -> np.ndarray:
    """The picture, or with "minmax" its own range stretched to 0 to 255."""
    if scale == "model":
        return picture
    low, high = int(picture.min()), int(picture.max())
    if low == high:
        return np.zeros_like(picture)
    return np.round((picture.astype(np.float32) - low) * (255 / (high - low))).astype(np.uint8)


def _bare(square: Square) -> Square:
    """Values 0 to 1 and no more."""
    return Square(square.side, (0.0,) * 3, (1.0,) * 3, 1 / 255)
