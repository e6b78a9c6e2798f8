"""Detectors of transformers: classes fixed by training, or named in words.

Fixed: DETR and its kin (AutoModelForObjectDetection); the card's `classes` say what each number means.
In words: OWL-ViT, OWLv2 and Grounding DINO, asked for the texts of `options.texts`, or for the terms
themselves. Sources: Carion et al. 2020 (arXiv:2005.12872), Minderer et al. 2022 (arXiv:2205.06230) and
2023 (arXiv:2306.09683), Liu et al. 2023 (arXiv:2303.05499).
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import Field

from expert_models.experts.base import Expert, Found, Prediction, Scan
from expert_models.experts.models.card_model import ModelCard
from expert_models.experts.models.family import Options, card_fault, options_of, texts_of
from expert_models.experts.models.resident import Setting
from expert_models.experts.models.runtime import ModelExpert
from expert_models.experts.models.runtime_job import OneInput
from expert_models.experts.models.transformers_boxes import box_found, surest
from expert_models.experts.models.transformers_network import TransformersNetwork, on_host

Rated = tuple[list[list[float]], list[float], list[str]]
"""Boxes in px of the picture, scores, labels."""


class DetectorOptions(Options):
    """Of `backend: transformers-detector`."""

    threshold: float = Field(0.5, ge=0, le=1, description="least score of a box")
    overlap: float | None = Field(
        None, gt=0, le=1,
        description="of boxes of one label that share so much of their union, the surest stays; unset: all",
    )  # fmt: skip
    most: int = Field(100, ge=1, description="so many with the best scores stay")
    texts: dict[str, list[str] | str] = Field(
        {}, description="what a model that takes words is asked for, of each term; unset: the term"
    )


@dataclass
class Seen:
    """pixels [3, h, w], and whatever else the processor makes for the model."""

    pixels: Any
    mask: Any = None


def expert(card: ModelCard, setting: Setting) -> Expert:
    """The expert of such a card, not loaded."""
    return ModelExpert(card, DetectorNetwork(card, setting))


class DetectorNetwork(TransformersNetwork):
    """The checkpoint's config says which of the three ways it is asked."""

    def __init__(self, card: ModelCard, setting: Setting) -> None:
        super().__init__(card, setting)
        self.options = options_of(DetectorOptions, card)
        if not card.classes:
            self.asked = texts_of(card, self.options.texts)
        elif self.options.texts:
            raise card_fault(card, ["options", "texts"], "texts", "either `classes` or texts")
        self.processor: Any = None
        self.words: Any = None  # of a model that is asked in words

    def open(self, folder: Path) -> None:
        """Raises ValueError where card and checkpoint do not fit: classes against words."""
        import transformers

        from expert_models.experts.models.transformers_parts import (
            check_classes,
            image_processor_of,
            model_type,
        )
        from expert_models.experts.models.transformers_words import Owl, PhraseGrounding

        kind = model_type(folder)
        ways: dict[str, Callable[..., Any]] = {
            "owlvit": Owl, "owlv2": Owl,
            "grounding-dino": PhraseGrounding, "mm-grounding-dino": PhraseGrounding,
        }  # fmt: skip
        worded = kind in ways
        if worded == bool(self.card.classes):
            needed = "terms in `labels`, no `classes`" if worded else "`classes` for its numbers"
            raise ValueError(f"{folder.name} is a {kind!r}; its card needs {needed}")
        self.processor = image_processor_of(folder)
        auto = "AutoModelForZeroShotObjectDetection" if worded else "AutoModelForObjectDetection"
        self.model = self.model_from(getattr(transformers, auto), folder)
        if worded:
            self.words = ways[kind](folder, self.model, self.asked)
        else:
            check_classes(self.card, self.model)

    def job(self, scan: Scan) -> Any:
        """The picture, alone in its batch, so that it is padded for no neighbour."""
        from expert_models.experts.models.transformers_parts import rgb

        made = self.processor(
            images=rgb(scan.display), return_tensors="pt", input_data_format="channels_last"
        )
        mask = made["pixel_mask"][0] if "pixel_mask" in made else None
        shape = (scan.display.shape[0], scan.display.shape[1])
        return OneInput(Seen(made["pixel_values"][0], mask), lambda said: self.read(said, shape))

    def forward(self, inputs: Sequence[Seen]) -> list[Any]:
        """Of each picture the model's output, a batch of one, on the CPU."""
        import torch

        pixels = torch.stack([one.pixels for one in inputs]).to(self.place.device)
        given = {"pixel_values": pixels}
        if inputs[0].mask is not None:
            given["pixel_mask"] = torch.stack([one.mask for one in inputs]).to(self.place.device)
        said = self.model(**given) if self.words is None else self.words.ask(given)
        return [_one(said, i) for i in range(len(inputs))]

    def read(self, said: Any, shape: tuple[int, int]) -> Prediction:
        """Boxes above the threshold, in pixels of the picture, the surest first."""
        if self.words is not None:
            boxes, scores, labels = self.words.read(
                self.processor, said, shape, self.options.threshold
            )
        else:
            boxes, scores, labels = self.fixed(said, shape)
        found: list[Found] = []
        for box, score, label in zip(boxes, scores, labels, strict=True):
            one = box_found(label, box, score, shape)
            if one is not None:
                found.append(one)
        return surest(found, iou=self.options.overlap)[: self.options.most]

    def fixed(self, said: Any, shape: tuple[int, int]) -> Rated:
        """By the library's own post-processing; classes that the card does not report go."""
        made = self.processor.post_process_object_detection(
            said, threshold=self.options.threshold, target_sizes=[shape]
        )[0]
        rows = zip(
            made["boxes"].tolist(), made["scores"].tolist(), made["labels"].tolist(), strict=True
        )
        named = [(box, score, self.card.classes.get(number)) for box, score, number in rows]
        kept = [(box, score, label) for box, score, label in named if label is not None]
        return [k[0] for k in kept], [k[1] for k in kept], [k[2] for k in kept]


@dataclass
class Said:
    """logits [1, queries, classes] and pred_boxes [1, queries, 4] (cx, cy, w, h) of one picture."""

    logits: Any
    pred_boxes: Any


def _one(said: Any, index: int) -> Said:
    return Said(
        on_host(said.logits[index : index + 1]),
        on_host(said.pred_boxes[index : index + 1]),
    )
