"""Segmenters of transformers: Mask2Former and its kin by queries, SegFormer, UPerNet and theirs by pixel.

The card's `classes` say what each number of the network means. Masks come from the library's own
post-processing. Sources: Cheng et al. 2022 (arXiv:2112.01527), Xie et al. 2021 (arXiv:2105.15203).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np
from pydantic import Field

from expert_models.experts.base import Expert, Found, Prediction, Scan
from expert_models.experts.models.card_model import ModelCard
from expert_models.experts.models.family import Options, options_of
from expert_models.experts.models.resident import Setting
from expert_models.experts.models.runtime import ModelExpert
from expert_models.experts.models.runtime_job import OneInput
from expert_models.experts.models.transformers_network import TransformersNetwork, on_host

BY_QUERY = ("mask2former", "maskformer")
"""Kinds whose answer is a mask and a class a query; all others score every pixel."""


class SegmenterOptions(Options):
    """Of `backend: transformers-segmenter`."""

    task: Literal["semantic", "instance", "panoptic"] = Field(
        "semantic",
        description="semantic: one mask a class; instance and panoptic (of Mask2Former and MaskFormer): "
        "one mask an object, which of panoptic share no pixel",
    )
    threshold: float = Field(0.5, ge=0, le=1, description="least score of an object")
    smallest_px: int = Field(1, ge=1, description="masks of fewer pixels are left out")


@dataclass
class Seen:
    """pixels [3, h, w]; valid: (rows, columns) of them that the picture covers, the rest is padding."""

    pixels: Any
    valid: tuple[int, int]


@dataclass
class Queries:
    """What the library's post-processing reads, of one picture."""

    class_queries_logits: Any
    masks_queries_logits: Any


@dataclass
class Pixels:
    """logits [1, classes, h, w] of one picture."""

    logits: Any


def expert(card: ModelCard, setting: Setting) -> Expert:
    """The expert of such a card, not loaded."""
    return ModelExpert(card, SegmenterNetwork(card, setting))


class SegmenterNetwork(TransformersNetwork):
    """The checkpoint's config says whether it answers by query or by pixel."""

    def __init__(self, card: ModelCard, setting: Setting) -> None:
        super().__init__(card, setting)
        self.options = options_of(SegmenterOptions, card)
        self.processor: Any = None
        self.by_query = False

    def open(self, folder: Path) -> None:
        """Raises ValueError where the task or the classes are none of the checkpoint's."""
        import transformers

        from expert_models.experts.models.transformers_parts import (
            check_classes,
            image_processor_of,
            model_type,
        )

        kind = model_type(folder)
        self.by_query = kind in BY_QUERY
        if not self.by_query and self.options.task != "semantic":
            raise ValueError(
                f"a {kind!r} answers by pixel: its task is semantic, not {self.options.task}"
            )
        auto = (
            "AutoModelForUniversalSegmentation"
            if self.by_query
            else "AutoModelForSemanticSegmentation"
        )
        self.processor = image_processor_of(folder)
        self.model = self.model_from(getattr(transformers, auto), folder)
        check_classes(self.card, self.model)

    def job(self, scan: Scan) -> Any:
        """The picture, alone in its batch, so that it is padded for no neighbour."""
        from expert_models.experts.models.transformers_parts import rgb

        made = self.processor(
            images=rgb(scan.display), return_tensors="pt", input_data_format="channels_last"
        )
        pixels = made["pixel_values"][0]
        valid = (pixels.shape[1], pixels.shape[2])
        if "pixel_mask" in made:
            mask = made["pixel_mask"][0]
            valid = (int(mask[:, 0].sum()), int(mask[0].sum()))
        shape = (scan.display.shape[0], scan.display.shape[1])
        return OneInput(Seen(pixels, valid), lambda said: self.read(said, shape))

    def forward(self, inputs: Sequence[Seen]) -> list[Queries | Pixels]:
        """Of each picture a batch of one on the CPU, without what padding the picture had."""
        import torch

        pixels = torch.stack([one.pixels for one in inputs]).to(self.place.device)
        said = self.model(pixel_values=pixels)
        if not self.by_query:
            return [Pixels(on_host(said.logits[i : i + 1])) for i in range(len(inputs))]
        return [
            Queries(
                on_host(said.class_queries_logits[i : i + 1]),
                unpadded(on_host(said.masks_queries_logits[i : i + 1]), one),
            )
            for i, one in enumerate(inputs)
        ]

    def read(self, said: Queries | Pixels, shape: tuple[int, int]) -> Prediction:
        """Masks in the picture's grid, of classes that the card reports."""
        if self.options.task == "semantic":
            found = self.classes(said, shape)
        else:
            found = self.objects(said, shape)
        least = self.options.smallest_px
        return [one for one in found if one.mask is not None and one.mask.sum() >= least]

    def classes(self, said: Queries | Pixels, shape: tuple[int, int]) -> list[Found]:
        """One mask a term, in the order of the card; its score is the mean over its pixels."""
        made = self.processor.post_process_semantic_segmentation(
            said, target_sizes=[shape], return_segmentation_scores=True
        )[0]
        numbers = np.asarray(made["segmentation"].numpy())
        scores = made["segmentation_scores"]
        if not self.by_query:
            scores = scores.softmax(dim=0)
        found = []
        for term in self.card.reported:
            own = [n for n, named in sorted(self.card.classes.items()) if named == term]
            mask = np.isin(numbers, own)
            if mask.any():
                likely = float(scores[own].sum(dim=0).numpy()[mask].mean())
                score = min(1.0, max(0.0, likely))
                found.append(Found(term, mask=mask, score=score, instance=False))
        return found

    def objects(self, said: Queries | Pixels, shape: tuple[int, int]) -> list[Found]:
        """One mask an object, the surest first."""
        given = {"threshold": self.options.threshold, "target_sizes": [shape]}
        if self.options.task == "instance":
            made = self.processor.post_process_instance_segmentation(
                said, return_binary_maps=True, **given
            )[0]
        else:
            made = self.processor.post_process_panoptic_segmentation(
                said, label_ids_to_fuse=set(), **given
            )[0]
        found = []
        for index, one in enumerate(made["segments_info"]):
            term = self.card.classes.get(one["label_id"])
            if term is None:
                continue
            drawn = made["segmentation"]
            mask = drawn[index] > 0 if self.options.task == "instance" else drawn == one["id"]
            found.append(Found(term, mask=np.asarray(mask.numpy()), score=float(one["score"])))
        return sorted(found, key=lambda one: -(one.score or 0.0))


def unpadded(masks: Any, seen: Seen) -> Any:
    """[1, queries, h, w] without the padding, which the library would squeeze into the picture."""
    import torch

    size = tuple(seen.pixels.shape[1:])
    if size == seen.valid:
        return masks
    whole = torch.nn.functional.interpolate(masks, size, mode="bilinear", align_corners=False)
    return whole[..., : seen.valid[0], : seen.valid[1]]
