"""Labels of whole pictures: shares of one from CLIP, each by itself from SigLIP."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from expert_models.experts.base import Scan

torch = pytest.importorskip("torch")
transformers = pytest.importorskip("transformers")

SMALL = {
    "hidden_size": 16,
    "intermediate_size": 16,
    "num_hidden_layers": 1,
    "num_attention_heads": 2,
}
TERMS = ["polyp", "endoscopic instrument"]
TEXTS = {"polyp": "an image of a polyp", "endoscopic instrument": "a snare"}


@pytest.fixture
def checkpoint(
    tmp_path_factory: pytest.TempPathFactory, words: Callable[[Path], None]
) -> Callable[[str], Path]:
    def make(kind: str) -> Path:
        from transformers.models.clip.image_processing_pil_clip import CLIPImageProcessorPil
        from transformers.models.siglip.image_processing_pil_siglip import SiglipImageProcessorPil

        folder = tmp_path_factory.mktemp(kind)
        torch.manual_seed(11)
        text = {**SMALL, "vocab_size": 1200, "max_position_embeddings": 8, "pad_token_id": 0}
        seen = {**SMALL, "image_size": 32, "patch_size": 8}
        if kind == "clip":
            text |= {"bos_token_id": 101, "eos_token_id": 102}
            config = transformers.CLIPConfig(text_config=text, vision_config=seen, projection_dim=8)
            transformers.CLIPModel(config).save_pretrained(folder)
            CLIPImageProcessorPil(
                size={"shortest_edge": 32}, crop_size={"height": 32, "width": 32}
            ).save_pretrained(folder)
        else:
            config = transformers.SiglipConfig(text_config=text, vision_config=seen)
            transformers.SiglipModel(config).save_pretrained(folder)
            SiglipImageProcessorPil(size={"height": 32, "width": 32}).save_pretrained(folder)
        words(folder)
        return folder

    return make


@pytest.fixture
def classifier(made: Callable[..., Any]) -> Callable[..., Any]:
    def make(folder: Path, **options: Any) -> Any:
        given = {"texts": TEXTS, "threshold": 0.0, **options}
        return made(folder, "transformers-clip", kind="classifier", labels=TERMS, options=given)

    return make


@pytest.mark.parametrize("kind", ["clip", "siglip"])
def test_scores_are_those_of_the_library(
    kind: str,
    checkpoint: Callable[[str], Path],
    classifier: Callable[..., Any],
    scan: Callable[..., Scan],
    picture: np.ndarray,
) -> None:
    from transformers import AutoImageProcessor, AutoModel, AutoTokenizer

    folder = checkpoint(kind)
    others = ["red tool"]
    found = classifier(folder, others=others).predict([scan(picture[::-1].copy()), scan()])[1]
    texts = [*TEXTS.values(), *others]
    tokens = AutoTokenizer.from_pretrained(folder)(
        texts, padding="max_length", max_length=8, return_tensors="pt"
    )
    pixels = AutoImageProcessor.from_pretrained(folder)(images=picture, return_tensors="pt")
    wanted = {"input_ids": tokens["input_ids"], "pixel_values": pixels["pixel_values"]}
    if kind == "clip":
        wanted["attention_mask"] = tokens["attention_mask"]
    with torch.no_grad():
        logits = AutoModel.from_pretrained(folder)(**wanted).logits_per_image[0]
    scores = (logits.softmax(dim=0) if kind == "clip" else logits.sigmoid()).tolist()
    said = {one.label: one.score for one in found}
    assert said == pytest.approx(dict(zip(TERMS, scores, strict=False)), abs=1e-5)
    assert abs(scores[0] - scores[1]) > 1e-4  # else the order of texts would not show


def test_a_label_is_of_the_whole_picture(
    checkpoint: Callable[[str], Path], classifier: Callable[..., Any], scan: Callable[..., Scan]
) -> None:
    found = classifier(checkpoint("clip")).predict([scan()])[0]
    assert {one.label for one in found} == set(TERMS)
    assert all(one.mask is None and one.box is None for one in found)
    assert sum(one.score for one in found) == pytest.approx(1)
    assert found[0].score >= found[1].score


def test_labels_below_the_threshold_go(
    checkpoint: Callable[[str], Path], classifier: Callable[..., Any], scan: Callable[..., Scan]
) -> None:
    folder = checkpoint("clip")
    both = classifier(folder).predict([scan()])[0]
    between = (both[0].score + both[1].score) / 2
    (one,) = classifier(folder, threshold=between).predict([scan()])[0]
    assert one.label == both[0].label


def test_several_texts_of_a_term_are_averaged(
    checkpoint: Callable[[str], Path], classifier: Callable[..., Any]
) -> None:
    folder = checkpoint("clip")
    network = classifier(folder, texts={"polyp": ["a polyp", "red"], "endoscopic instrument": "a"})
    apart = classifier(folder, texts={"polyp": "a polyp", "endoscopic instrument": "red"})
    network.load()
    apart.load()
    mean = apart._network.texts.mean(dim=0)
    assert torch.allclose(network._network.texts[0], mean / mean.norm(), atol=1e-6)


def test_a_softmax_over_one_text_is_refused(
    checkpoint: Callable[[str], Path], made: Callable[..., Any]
) -> None:
    folder = checkpoint("clip")
    one = made(folder, "transformers-clip", kind="classifier", labels=["polyp"])
    with pytest.raises(ValueError, match="always 1"):
        one.load()
    with pytest.raises(ValueError, match="localises nothing"):
        made(folder, "transformers-clip", kind="detector", labels=["polyp"])
