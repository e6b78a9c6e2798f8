"""Tiny checkpoints, saved on the spot, and cards that name them: the real loading path, no download."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import yaml

from expert_models.experts.base import Scan
from expert_models.experts.models.card import expert_of, load_card

HEIGHT, WIDTH = 40, 100  # not square: a swapped or shared factor shows


@pytest.fixture
def made(tmp_path: Path) -> Callable[..., Any]:
    """The unloaded expert of a card over a folder or file of weights, through a card file."""
    from expert_models.experts.models.weights_digest import digest_of

    def make(
        weights: Path | None,
        backend: str,
        *,
        allow_pickle: bool = False,
        device: str = "cpu",
        **fields: Any,
    ) -> Any:
        said: dict[str, Any] = {
            "name": "tiny", "version": "1", "kind": "detector", "modalities": ["ES"],
            "method": "a tiny network drawn at random", "source": "the tests",
            "license_code": "Apache-2.0", "license_weights": "CC0-1.0", "backend": backend,
        }  # fmt: skip
        if weights is not None:
            said |= {"weights": str(weights), "weights_sha256": digest_of(weights, ())}
        path = tmp_path / "card.yaml"
        path.write_text(yaml.safe_dump(said | fields), encoding="utf-8")
        return expert_of(load_card(path), device=device, allow_pickle=allow_pickle)

    return make


@pytest.fixture
def picture() -> np.ndarray:
    """[40, 100, 3] uint8, unlike its mirror images."""
    rows, columns = np.mgrid[:HEIGHT, :WIDTH]
    texture = np.random.default_rng(7).integers(0, 60, (HEIGHT, WIDTH, 3))
    ramp = np.stack([columns * 1.5, rows * 3, (rows + columns) % 50], axis=2)
    shown: np.ndarray = np.clip(ramp + texture, 0, 255).astype(np.uint8)
    return shown


@pytest.fixture
def scan(picture: np.ndarray) -> Callable[..., Scan]:
    """A scan of the picture, or of another."""

    def make(display: np.ndarray | None = None, **fields: Any) -> Scan:
        given = {"id": "one", "modality": "ES", **fields}
        return Scan(display=picture if display is None else display, **given)

    return make


@pytest.fixture
def words() -> Callable[[Path], None]:
    """Write a tokenizer of a few words, some of several pieces, with BERT's numbers for its marks."""

    def write(folder: Path) -> None:
        from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, processors
        from transformers import PreTrainedTokenizerFast

        pieces = [
            "polyp",
            "##s",
            "a",
            "snare",
            "tool",
            "flat",
            "##ter",
            "red",
            "of",
            "an",
            "image",
        ]
        vocabulary = {"[PAD]": 0, "[UNK]": 100, "[CLS]": 101, "[SEP]": 102, ".": 1012, "?": 1029}
        vocabulary |= {piece: 1100 + i for i, piece in enumerate(pieces)}
        inner = Tokenizer(models.WordPiece(vocabulary, unk_token="[UNK]"))
        inner.normalizer = normalizers.Lowercase()
        inner.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
        inner.post_processor = processors.TemplateProcessing(
            single="[CLS] $A [SEP]", special_tokens=[("[CLS]", 101), ("[SEP]", 102)]
        )
        PreTrainedTokenizerFast(
            tokenizer_object=inner, pad_token="[PAD]", unk_token="[UNK]", cls_token="[CLS]",
            sep_token="[SEP]",
        ).save_pretrained(folder)  # fmt: skip

    return write
