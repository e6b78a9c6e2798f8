"""Detectors that are asked in words: the words become tokens once, the answers become labels."""

from pathlib import Path
from typing import Any

from expert_models.experts.models.transformers_parts import fits, tokenizer_of
from expert_models.experts.models.transformers_phrases import caption, phrase_scores, token_groups

Rated = tuple[list[list[float]], list[float], list[str]]
Asked = dict[str, tuple[str, ...]]


class Owl:
    """OWL-ViT and OWLv2: a query is a text of its own; a term may have several.

    OWL-ViT stretches the picture, so boxes are shares of its sides. OWLv2 pads it to a square at the
    bottom and the right, so they are shares of the longer one. The library's post-processing knows.
    """

    def __init__(self, folder: Path, model: Any, asked: Asked) -> None:
        self.model = model
        self.labels = [label for label, texts in asked.items() for _ in texts]
        texts = [text for all_of in asked.values() for text in all_of]
        length = model.config.text_config.max_position_embeddings
        tokenizer = tokenizer_of(folder)
        fits(tokenizer, texts, length)
        self.tokens = tokenizer(texts, padding="max_length", max_length=length, return_tensors="pt")

    def ask(self, given: dict[str, Any]) -> Any:
        """The model's output for a batch of pictures, all asked for the same."""
        pixels = given["pixel_values"]
        count = len(pixels)
        return self.model(
            pixel_values=pixels,
            input_ids=self.tokens["input_ids"].repeat(count, 1).to(pixels.device),
            attention_mask=self.tokens["attention_mask"].repeat(count, 1).to(pixels.device),
        )

    def read(self, processor: Any, said: Any, shape: tuple[int, int], threshold: float) -> Rated:
        """Each box with its best query."""
        made = processor.post_process_object_detection(
            said, threshold=threshold, target_sizes=[shape]
        )[0]
        labels = [self.labels[index] for index in made["labels"].tolist()]
        return made["boxes"].tolist(), made["scores"].tolist(), labels


class PhraseGrounding:
    """Grounding DINO: one caption of all texts; a box belongs to the phrase whose tokens it fits best."""

    def __init__(self, folder: Path, model: Any, asked: Asked) -> None:
        self.model = model
        self.labels = [label for label, texts in asked.items() for _ in texts]
        said = caption([text for all_of in asked.values() for text in all_of])
        tokenizer = tokenizer_of(folder)
        self.tokens = tokenizer(said.text, return_offsets_mapping=True, return_tensors="pt")
        offsets = [(int(a), int(b)) for a, b in self.tokens.pop("offset_mapping")[0].tolist()]
        most = int(model.config.max_text_len)
        if len(offsets) > most:
            raise ValueError(f"the texts take {len(offsets)} tokens; the model reads {most}")
        self.groups = token_groups(offsets, said)

    def ask(self, given: dict[str, Any]) -> Any:
        """The model's output for a batch of pictures, all with the same caption."""
        pixels = given["pixel_values"]
        words = {
            key: value.repeat(len(pixels), 1).to(pixels.device)
            for key, value in self.tokens.items()
        }
        return self.model(**given, **words)

    def read(self, processor: Any, said: Any, shape: tuple[int, int], threshold: float) -> Rated:
        """Boxes whose best phrase scores above the threshold."""
        import torch
        from transformers.image_transforms import center_to_corners_format

        scores = phrase_scores(torch.sigmoid(said.logits[0]), self.groups)
        best, phrase = scores.max(dim=1)
        height, width = shape
        edges = torch.tensor([width, height, width, height], dtype=torch.float32)
        boxes = center_to_corners_format(said.pred_boxes[0]) * edges
        keep = best > threshold
        labels = [self.labels[index] for index in phrase[keep].tolist()]
        return boxes[keep].tolist(), best[keep].tolist(), labels
