"""CLIP and SigLIP: which of the card's terms fits the picture, each put in words.

The finding is of the whole picture: a label and a score, no mask and no box. CLIP (Radford et al. 2021,
arXiv:2103.00020) is trained to choose, so its scores are shares of one (softmax over all texts asked);
SigLIP (Zhai et al. 2023, arXiv:2303.15343) rates each text by itself (sigmoid). Several texts of one term
are averaged as embeddings, as CLIP's authors do.
"""

from collections.abc import Sequence
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
from expert_models.experts.models.transformers_network import TransformersNetwork, on_host

KINDS = {"clip": "softmax", "siglip": "sigmoid", "siglip2": "sigmoid"}


class ClipOptions(Options):
    """Of `backend: transformers-clip`."""

    texts: dict[str, list[str] | str] = Field(
        {}, description="what stands for each term, such as `an endoscopic image of a polyp`"
    )
    others: list[str] = Field(
        [],
        description="texts of what is no finding (`normal mucosa`), which a softmax weighs against",
    )
    threshold: float = Field(0.5, ge=0, le=1, description="least score of a label")


@dataclass
class Seen:
    """pixels [3, S, S]."""

    pixels: Any


def expert(card: ModelCard, setting: Setting) -> Expert:
    """The expert of such a card, not loaded."""
    if card.kind != "classifier":
        raise card_fault(card, ["kind"], card.kind, "classifier: it localises nothing")
    return ModelExpert(card, ClipNetwork(card, setting))


class ClipNetwork(TransformersNetwork):
    """Texts are read once, at loading."""

    def __init__(self, card: ModelCard, setting: Setting) -> None:
        super().__init__(card, setting)
        self.options = options_of(ClipOptions, card)
        self.asked = texts_of(card, self.options.texts)
        self.processor: Any = None
        self.texts: Any = None  # [terms + others, D], unit length
        self.activation = ""

    def open(self, folder: Path) -> None:
        """Raises ValueError for a checkpoint of another kind."""
        from transformers import AutoModel

        from expert_models.experts.models.transformers_parts import image_processor_of, model_type

        kind = model_type(folder)
        if kind not in KINDS:
            raise ValueError(
                f"{folder.name} is a {kind!r}; of the CLIP family are {', '.join(KINDS)}"
            )
        self.activation = KINDS[kind]
        if self.activation == "softmax" and len(self.asked) + len(self.options.others) < 2:
            raise ValueError(
                "a softmax over one text is always 1; name what else it may be in `others`"
            )
        self.processor = image_processor_of(folder)
        self.model = self.model_from(AutoModel, folder)
        self.texts = self.embedded(folder)

    def embedded(self, folder: Path) -> Any:
        """[terms + others, D]: of each the mean of its texts, of length one."""
        import torch

        from expert_models.experts.models.transformers_parts import fits, tokenizer_of

        tokenizer = tokenizer_of(folder)
        length = int(self.model.config.text_config.max_position_embeddings)
        rows = []
        for texts in [*self.asked.values(), *[(other,) for other in self.options.others]]:
            fits(tokenizer, texts, length)
            tokens = tokenizer(
                list(texts), padding="max_length", max_length=length, return_tensors="pt"
            )
            given = {key: tokens[key].to(self.place.device) for key in self.needed(tokens)}
            with torch.inference_mode():
                each = _unit(self.model.get_text_features(**given).pooler_output)
            rows.append(_unit(each.mean(dim=0)))
        return torch.stack(rows)

    def needed(self, tokens: Any) -> list[str]:
        """CLIP reads the padding mask, SigLIP is trained to look at padding."""
        return [key for key in ("input_ids", "attention_mask") if key in tokens][
            : 1 if self.activation == "sigmoid" else 2
        ]

    def job(self, scan: Scan) -> Any:
        """The picture as the checkpoint's processor makes it."""
        from expert_models.experts.models.transformers_parts import rgb

        made = self.processor(
            images=rgb(scan.display), return_tensors="pt", input_data_format="channels_last"
        )
        return OneInput(Seen(made["pixel_values"][0]), self.read)

    def forward(self, inputs: Sequence[Seen]) -> list[Any]:
        """Of each picture its logits, [terms + others]."""
        import torch

        pixels = torch.stack([one.pixels for one in inputs]).to(self.place.device)
        made = self.model.get_image_features(pixel_values=pixels).pooler_output
        with torch.autocast(self.place.device.split(":")[0], enabled=False):
            logits = _unit(made.float()) @ self.texts.T * self.model.logit_scale.exp()
        if self.activation == "sigmoid":
            logits = logits + self.model.logit_bias
        return list(on_host(logits))

    def read(self, logits: Any) -> Prediction:
        """Terms that score at least the threshold, the surest first."""
        scores = logits.softmax(dim=0) if self.activation == "softmax" else logits.sigmoid()
        found = [
            Found(term, score=float(score), instance=False)
            for term, score in zip(self.asked, scores.tolist(), strict=False)  # others come after
            if score >= self.options.threshold
        ]
        return sorted(found, key=lambda one: -(one.score or 0.0))


def _unit(rows: Any) -> Any:
    return rows / rows.norm(dim=-1, keepdim=True)
