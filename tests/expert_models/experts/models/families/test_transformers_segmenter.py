"""Masks of segmenters: by pixel and by query, in the grid of a picture that is not square."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from expert_models.experts.base import Scan
from expert_models.experts.models.transformers_segmenter import Pixels, Queries

torch = pytest.importorskip("torch")
pytest.importorskip("transformers")

CLASSES = {0: None, 1: "polyp", 2: "endoscopic instrument"}


@pytest.fixture(scope="session")
def segformer(tmp_path_factory: pytest.TempPathFactory) -> Path:
    from transformers import SegformerConfig, SegformerForSemanticSegmentation
    from transformers.models.segformer.image_processing_pil_segformer import (
        SegformerImageProcessorPil,
    )

    folder = tmp_path_factory.mktemp("segformer")
    torch.manual_seed(8)
    config = SegformerConfig(
        num_encoder_blocks=2,
        depths=[1, 1],
        sr_ratios=[2, 1],
        hidden_sizes=[8, 16],
        patch_sizes=[7, 3],
        strides=[4, 2],
        num_attention_heads=[1, 2],
        mlp_ratios=[2, 2],
        decoder_hidden_size=16,
        num_labels=3,
        initializer_range=0.5,
    )
    SegformerForSemanticSegmentation(config).save_pretrained(folder)
    SegformerImageProcessorPil(size={"height": 64, "width": 64}).save_pretrained(folder)
    return folder


@pytest.fixture(scope="session")
def mask2former(tmp_path_factory: pytest.TempPathFactory) -> Path:
    from transformers import Mask2FormerConfig, Mask2FormerForUniversalSegmentation, SwinConfig
    from transformers.models.mask2former.image_processing_pil_mask2former import (
        Mask2FormerImageProcessorPil,
    )

    folder = tmp_path_factory.mktemp("mask2former")
    torch.manual_seed(9)
    backbone = SwinConfig(
        image_size=32,
        patch_size=4,
        embed_dim=8,
        depths=[1, 1, 1, 1],
        num_heads=[1, 1, 2, 2],
        window_size=2,
        out_features=["stage1", "stage2", "stage3", "stage4"],
    )
    config = Mask2FormerConfig(
        backbone_config=backbone,
        feature_size=32,
        mask_feature_size=32,
        hidden_dim=32,
        encoder_feedforward_dim=16,
        dim_feedforward=16,
        encoder_layers=1,
        decoder_layers=2,
        num_attention_heads=2,
        num_queries=4,
        num_labels=3,
    )
    Mask2FormerForUniversalSegmentation(config).save_pretrained(folder)
    Mask2FormerImageProcessorPil(
        size={"shortest_edge": 32, "longest_edge": 90},
        size_divisor=16,
        pad_size={"height": 64, "width": 96},
    ).save_pretrained(folder)
    return folder


@pytest.fixture
def segmenter(made: Callable[..., Any]) -> Callable[..., Any]:
    def make(folder: Path, **fields: Any) -> Any:
        given = {"kind": "segmenter", "classes": CLASSES, **fields}
        return made(folder, "transformers-segmenter", **given)

    return make


def test_a_pixel_map_comes_back_in_the_pictures_grid(
    segmenter: Callable[..., Any], segformer: Path
) -> None:
    expert = segmenter(segformer)
    expert.load()
    logits = torch.zeros(1, 3, 16, 16)
    logits[0, 1, :8, 4:] = 6.0  # class 1: upper half, right three quarters
    logits[0, 2, 12:, :4] = 6.0
    polyp, tool = expert._network.read(Pixels(logits), (40, 100))
    assert (polyp.label, tool.label) == ("polyp", "endoscopic instrument")
    assert polyp.mask.shape == (40, 100)
    assert polyp.mask[2:18, 30:].all()
    assert not polyp.mask[22:].any()
    assert not polyp.mask[:, :20].any()
    assert tool.mask[34:, 2:20].all()
    assert not tool.instance
    assert 0.9 < polyp.score <= 1


def test_segformer_answers_as_the_library_does(
    segmenter: Callable[..., Any],
    segformer: Path,
    scan: Callable[..., Scan],
    picture: np.ndarray,
) -> None:
    from transformers import AutoImageProcessor, SegformerForSemanticSegmentation

    found = segmenter(segformer, batch=4).predict([scan(picture[::-1].copy()), scan()])[1]
    processor = AutoImageProcessor.from_pretrained(segformer)
    with torch.no_grad():
        said = SegformerForSemanticSegmentation.from_pretrained(segformer)(
            **processor(images=picture, return_tensors="pt")
        )
    theirs = processor.post_process_semantic_segmentation(said, target_sizes=[(40, 100)])[0].numpy()
    assert len(found) > 0
    for one in found:
        number = next(n for n, term in CLASSES.items() if term == one.label)
        assert 0 < one.mask.mean() < 1
        assert np.array_equal(one.mask, theirs == number)


def queries(expert: Any) -> Queries:
    """Four queries of a polyp, an instrument, the background and nothing."""
    classes = torch.full((1, 4, 4), -9.0)
    classes[0, 0, 1] = 9.0  # polyp
    classes[0, 1, 2] = 9.0  # instrument
    classes[0, 2, 0] = 9.0  # background, not reported
    classes[0, 3, 3] = 9.0  # nothing
    masks = torch.full((1, 4, 8, 20), -9.0)  # quarter size, of the covered part
    masks[0, 0, :4, :10] = 9.0  # upper left quarter
    masks[0, 1, 6:, 15:] = 9.0
    masks[0, 2:] = 9.0
    masks[0, 2, 6:, 15:] = masks[0, 2, :4, :10] = -9.0
    return Queries(classes, masks)


@pytest.mark.parametrize("task", ["instance", "panoptic"])
def test_queries_become_objects(
    task: str, segmenter: Callable[..., Any], mask2former: Path
) -> None:
    expert = segmenter(mask2former, options={"task": task, "threshold": 0.6})
    expert.load()
    found = expert._network.read(queries(expert), (40, 100))
    by_label = {one.label: one for one in found}
    assert set(by_label) == {"polyp", "endoscopic instrument"}
    polyp = by_label["polyp"].mask
    assert polyp[:19, :49].all()
    assert not polyp[21:].any()
    assert not polyp[:, 51:].any()
    if task == "instance":
        assert by_label["endoscopic instrument"].mask[32:, 77:].all()
    assert all(one.instance for one in found)


def test_queries_become_classes(segmenter: Callable[..., Any], mask2former: Path) -> None:
    expert = segmenter(mask2former, classes={1: "polyp"})
    expert.load()
    said = queries(expert)
    said.masks_queries_logits[0, 2:] = -9.0
    (one,) = expert._network.read(said, (40, 100))
    assert one.mask[:19, :49].all()
    assert not one.instance


def test_padding_is_cut_off_before_masks_reach_the_picture(
    segmenter: Callable[..., Any], mask2former: Path, scan: Callable[..., Scan]
) -> None:
    """32 x 80 px are padded to 64 x 96. A mask up to column 40 of it covers half of the picture."""
    expert = segmenter(mask2former, options={"task": "instance", "threshold": 0.0})
    expert.load()
    (seen,) = expert._network.job(scan()).inputs()
    assert tuple(seen.pixels.shape) == (3, 64, 96)
    assert seen.valid == (32, 80)
    inner = expert._network.model.forward

    def drawn(**given: Any) -> Any:
        said = inner(**given)
        said.masks_queries_logits = torch.full((1, 4, 16, 24), -9.0)
        said.masks_queries_logits[..., :4, :10] = 9.0  # columns below 40 of 96: half of the 80
        said.class_queries_logits = torch.tensor([[[-9.0, 9.0, -9.0, -9.0]]]).expand(1, 4, 4)
        return said

    expert._network.model.forward = drawn
    found = expert.predict([scan()])[0]
    columns = np.flatnonzero(found[0].mask.any(axis=0))
    rows = np.flatnonzero(found[0].mask.any(axis=1))
    assert abs(columns[-1] + 1 - 50) <= 1  # 42 where padding is squeezed in
    assert abs(rows[-1] + 1 - 20) <= 1  # 10 where it is


def test_mask2former_runs(
    segmenter: Callable[..., Any], mask2former: Path, scan: Callable[..., Scan], picture: np.ndarray
) -> None:
    expert = segmenter(mask2former, options={"task": "instance", "threshold": 0.0})
    alone = expert.predict([scan()])[0]
    beside = expert.predict([scan(picture[:, :60].copy()), scan()])[1]
    assert alone
    for one, other in zip(alone, beside, strict=True):
        assert one.label == other.label
        assert one.score == other.score
        assert np.array_equal(one.mask, other.mask)


def test_a_task_that_the_checkpoint_has_not(segmenter: Callable[..., Any], segformer: Path) -> None:
    with pytest.raises(ValueError, match="answers by pixel"):
        segmenter(segformer, options={"task": "instance"}).load()
    with pytest.raises(ValueError, match="names no `classes`"):
        segmenter(segformer, classes={}, labels=["polyp"]).load()


def test_nan_is_a_failure_and_no_empty_answer(
    segmenter: Callable[..., Any], segformer: Path, scan: Callable[..., Scan]
) -> None:
    expert = segmenter(segformer)
    expert.load()
    with torch.no_grad():
        expert._network.model.decode_head.classifier.bias.fill_(float("nan"))
    (refused,) = expert.predict([scan()])
    assert refused.reason == "expert_failed"
    assert "NaN" in refused.detail
