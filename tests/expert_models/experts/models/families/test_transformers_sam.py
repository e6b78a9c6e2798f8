"""Boxes become masks: what reaches the network, what comes back in the picture's grid."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from expert_models.experts.base import Refusal, Scan
from expert_models.experts.models.transformers_prompts import inside
from expert_models.experts.models.weights import WeightsDiffer

torch = pytest.importorskip("torch")
transformers = pytest.importorskip("transformers")

BOX = (10.0, 5.0, 50.0, 30.0)
OTHER = (60.0, 2.0, 95.0, 38.0)
SIDE = 64


def parts(sizes: list[int]) -> dict[str, Any]:
    return {
        "prompt_encoder_config": {
            "hidden_size": 16, "image_size": SIDE, "patch_size": 8 if len(sizes) == 1 else 16,
            "mask_input_channels": 4,
        },
        "mask_decoder_config": {
            "hidden_size": 16, "mlp_dim": 32, "num_hidden_layers": 1, "num_attention_heads": 2,
            "iou_head_hidden_dim": 16, "iou_head_depth": 2, "attention_downsample_rate": 2,
        },
    }  # fmt: skip


@pytest.fixture(scope="session")
def sam(tmp_path_factory: pytest.TempPathFactory) -> Path:
    from transformers import SamConfig, SamModel
    from transformers.models.sam.image_processing_pil_sam import SamImageProcessorPil

    folder = tmp_path_factory.mktemp("sam")
    torch.manual_seed(1)
    seen = {
        "hidden_size": 16, "num_hidden_layers": 1, "num_attention_heads": 2, "image_size": SIDE,
        "patch_size": 8, "output_channels": 16, "global_attn_indexes": [0], "window_size": 0,
        "mlp_ratio": 2.0, "num_pos_feats": 8,
    }  # fmt: skip
    SamModel(SamConfig(vision_config=seen, **parts([8]))).save_pretrained(folder)
    SamImageProcessorPil(
        size={"longest_edge": SIDE}, pad_size={"height": SIDE, "width": SIDE}
    ).save_pretrained(folder)
    return folder


@pytest.fixture(scope="session")
def sam2(tmp_path_factory: pytest.TempPathFactory) -> Path:
    import json

    from transformers import Sam2Config, Sam2HieraDetConfig, Sam2Model, Sam2VisionConfig

    folder = tmp_path_factory.mktemp("sam2")
    torch.manual_seed(2)
    trunk = Sam2HieraDetConfig(
        hidden_size=8, num_attention_heads=1, image_size=[SIDE, SIDE], blocks_per_stage=[1, 1, 2, 1],
        embed_dim_per_stage=[8, 16, 32, 64], num_attention_heads_per_stage=[1, 1, 1, 1],
        window_size_per_stage=[4, 4, 4, 4], global_attention_blocks=[3],
        window_positional_embedding_background_size=[2, 2],
    )  # fmt: skip
    seen = Sam2VisionConfig(
        backbone_config=trunk, backbone_channel_list=[64, 32, 16, 8], fpn_hidden_size=16,
        backbone_feature_sizes=[[16, 16], [8, 8], [4, 4]],
    )  # fmt: skip
    Sam2Model(Sam2Config(vision_config=seen, **parts([16, 8, 4]))).save_pretrained(folder)
    said = {
        "image_processor_type": "Sam2ImageProcessorFast",
        "size": {"height": SIDE, "width": SIDE},
    }
    (folder / "preprocessor_config.json").write_text(json.dumps(said), encoding="utf-8")
    return folder


@pytest.fixture
def refiner(made: Callable[..., Any]) -> Callable[..., Any]:
    def make(folder: Path, **fields: Any) -> Any:
        return made(folder, "transformers-sam", **{"refines": True, "labels": ["polyp"], **fields})

    return make


def prompts_seen(expert: Any) -> list[Any]:
    """Boxes as the prompt encoder gets them, from now on."""
    seen: list[Any] = []
    expert.load()
    expert._network.model.prompt_encoder.register_forward_pre_hook(
        lambda module, args, given: seen.append(given["input_boxes"]), with_kwargs=True
    )
    return seen


def drawn(expert: Any, logits: Any, iou: float = 0.75) -> None:
    """The mask decoder answers `logits` [h, w] for every prompt."""
    expert.load()
    decoder = expert._network.model.mask_decoder

    def answer(*args: Any, **given: Any) -> tuple[Any, ...]:
        count = given["sparse_prompt_embeddings"].shape[1]
        rest = () if "high_resolution_features" not in given else (None, None)
        return logits.expand(1, count, 1, *logits.shape), torch.full((1, count, 1), iou), *rest

    decoder.forward = answer


def test_a_box_reaches_sam_scaled_as_its_padded_picture(
    refiner: Callable[..., Any], sam: Path, scan: Callable[..., Scan]
) -> None:
    expert = refiner(sam)
    seen = prompts_seen(expert)
    expert.predict([scan(prompts=(BOX, OTHER))])
    # 100 px become 64, 40 become 26 (25.6 rounded): each axis has its own factor
    across, down = 64 / 100, 26 / 40
    for given, box in zip(seen[0][0].tolist(), (BOX, OTHER), strict=True):
        assert given == pytest.approx(
            [box[0] * across, box[1] * down, box[2] * across, box[3] * down]
        )


def test_a_box_reaches_sam2_scaled_as_its_stretched_picture(
    refiner: Callable[..., Any], sam2: Path, scan: Callable[..., Scan]
) -> None:
    expert = refiner(sam2)
    seen = prompts_seen(expert)
    expert.predict([scan(prompts=(BOX,))])
    assert seen[0][0, 0].tolist() == pytest.approx([10 * 0.64, 5 * 1.6, 50 * 0.64, 30 * 1.6])


def test_medsam_stretches_the_picture_for_a_plain_sam(
    refiner: Callable[..., Any], sam: Path, scan: Callable[..., Scan], picture: np.ndarray
) -> None:
    expert = refiner(sam, options={"fit": "stretch", "scale": "minmax"})
    seen = prompts_seen(expert)
    pixels: list[Any] = []
    expert._network.model.vision_encoder.register_forward_pre_hook(
        lambda m, args: pixels.append(args[0])
    )
    expert.predict([scan(prompts=(BOX,))])
    assert seen[0][0, 0].tolist() == pytest.approx([10 * 0.64, 5 * 1.6, 50 * 0.64, 30 * 1.6])
    assert pixels[0].min() >= 0
    assert 0.5 < pixels[0].max() <= 1


def test_the_mask_comes_back_in_the_pictures_grid(
    refiner: Callable[..., Any], sam: Path, scan: Callable[..., Scan]
) -> None:
    expert = refiner(sam)
    logits = torch.full((16, 16), -9.0)
    logits[:4, :8] = 9.0  # of the 64 px input: rows below 16, columns below 32
    drawn(expert, logits)
    (one,) = expert.predict([scan(prompts=(BOX,))])[0]
    rows, columns = np.flatnonzero(one.mask.any(axis=1)), np.flatnonzero(one.mask.any(axis=0))
    assert one.mask.shape == (40, 100)
    assert columns[0] == 0
    assert abs(columns[-1] + 1 - 32 / 0.64) <= 1
    assert rows[0] == 0
    assert abs(rows[-1] + 1 - 16 / 0.65) <= 1
    assert one.quality == pytest.approx(0.75)
    assert one.score is None
    assert one.label == "polyp"


def test_sam2_masks_cover_the_stretched_picture(
    refiner: Callable[..., Any], sam2: Path, scan: Callable[..., Scan]
) -> None:
    expert = refiner(sam2)
    logits = torch.full((16, 16), -9.0)
    logits[:4, :8] = 9.0
    drawn(expert, logits, iou=1.3)
    (one,) = expert.predict([scan(prompts=(BOX,))])[0]
    rows, columns = np.flatnonzero(one.mask.any(axis=1)), np.flatnonzero(one.mask.any(axis=0))
    assert abs(columns[-1] + 1 - 50) <= 1
    assert abs(rows[-1] + 1 - 10) <= 1
    assert one.quality == 1.0  # a regressed IoU may leave [0, 1]


def test_sam_answers_as_the_library_does(
    refiner: Callable[..., Any], sam: Path, scan: Callable[..., Scan], picture: np.ndarray
) -> None:
    from transformers import AutoImageProcessor, SamModel, SamProcessor

    found = refiner(sam, options={"multimask": True}).predict([scan(prompts=(BOX, OTHER))])[0]
    processor = SamProcessor(AutoImageProcessor.from_pretrained(sam))
    given = processor(images=picture, input_boxes=[[list(BOX), list(OTHER)]], return_tensors="pt")
    with torch.no_grad():
        said = SamModel.from_pretrained(sam)(
            pixel_values=given["pixel_values"], input_boxes=given["input_boxes"].float()
        )
    masks = processor.post_process_masks(
        said.pred_masks, given["original_sizes"], given["reshaped_input_sizes"]
    )[0]
    for one, each, iou in zip(found, masks, said.iou_scores[0], strict=True):
        best = int(iou.argmax())
        assert 0.02 < each[best].float().mean() < 0.98  # else any mask would do
        assert np.array_equal(one.mask, each[best].numpy())
        if one.mask.any():
            assert one.quality == pytest.approx(float(iou[best].clamp(0, 1)), abs=1e-5)


def test_one_finding_a_prompt_in_order_however_many(
    refiner: Callable[..., Any], sam: Path, scan: Callable[..., Scan]
) -> None:
    expert = refiner(sam)
    boxes = tuple((float(i), 2.0, float(i + 20), 30.0) for i in range(70))
    together = expert.predict([scan(prompts=boxes)])[0]
    assert len(together) == 70
    for i in (0, 31, 32, 69):
        (alone,) = expert.predict([scan(prompts=(boxes[i],))])[0]
        assert np.mean(alone.mask != together[i].mask) < 0.01
        assert alone.quality == pytest.approx(together[i].quality, abs=1e-4)


def test_an_empty_mask_keeps_its_place_and_has_no_quality(
    refiner: Callable[..., Any], sam: Path, scan: Callable[..., Scan]
) -> None:
    expert = refiner(sam)
    drawn(expert, torch.full((16, 16), -9.0), iou=0.9)
    found = expert.predict([scan(prompts=(BOX, OTHER))])[0]
    assert [one.mask.any() for one in found] == [False, False]
    assert [one.quality for one in found] == [0.0, 0.0]


def test_a_scan_is_answered_alike_alone_and_beside_others(
    refiner: Callable[..., Any], sam: Path, scan: Callable[..., Scan], picture: np.ndarray
) -> None:
    expert = refiner(sam, batch=4)
    others = [scan(picture[::-1].copy(), prompts=(OTHER,)), scan(picture[:30], prompts=(BOX,))]
    alone = expert.predict([scan(prompts=(BOX,))])[0]
    beside = expert.predict([others[0], scan(prompts=(BOX,)), others[1]])[1]
    assert np.array_equal(alone[0].mask, beside[0].mask)
    assert alone[0].quality == beside[0].quality


def test_what_cannot_be_refined_is_refused(
    refiner: Callable[..., Any], sam: Path, scan: Callable[..., Scan]
) -> None:
    expert = refiner(sam)
    nothing, elsewhere = expert.predict([scan(), scan(prompts=((200.0, 1.0, 220.0, 9.0),))])
    assert isinstance(nothing, Refusal)
    assert nothing.reason == "expert_input_missing"
    assert isinstance(elsewhere, Refusal)
    assert "marks nothing" in elsewhere.detail


def test_prompts_are_clipped_to_the_picture() -> None:
    assert inside([(-5.0, 3.0, 120.0, 60.0)], (40, 100)) == [(0.0, 3.0, 100.0, 40.0)]


def test_other_checkpoints_and_other_bytes_are_turned_away(
    refiner: Callable[..., Any], sam: Path, tmp_path: Path
) -> None:
    with pytest.raises(WeightsDiffer, match="sha256"):
        refiner(sam, weights_sha256="0" * 64).load()
    transformers.CLIPConfig().save_pretrained(tmp_path / "clip")
    with pytest.raises(ValueError, match="'clip'; of the SAM family are sam"):
        refiner(tmp_path / "clip").load()
    with pytest.raises(ValueError, match="refines"):
        refiner(sam, refines=False)


def test_weights_that_do_not_fill_the_model_are_refused(
    refiner: Callable[..., Any], sam: Path, tmp_path: Path
) -> None:
    """transformers itself would draw the missing layer at random and go on."""
    import shutil

    from safetensors.torch import load_file, save_file

    shutil.copytree(sam, tmp_path / "less")
    file = tmp_path / "less" / "model.safetensors"
    tensors = load_file(file)
    gone = next(name for name in tensors if name.startswith("mask_decoder.iou_prediction_head"))
    save_file({k: v for k, v in tensors.items() if k != gone}, file, metadata={"format": "pt"})
    with pytest.raises(ValueError, match="do not fill SamModel: 1 tensors"):
        refiner(tmp_path / "less").load()


def test_a_pickle_needs_its_flag(
    refiner: Callable[..., Any], sam: Path, tmp_path: Path, scan: Callable[..., Scan]
) -> None:
    import shutil

    from safetensors.torch import load_file

    shutil.copytree(sam, tmp_path / "old", ignore=shutil.ignore_patterns("*.safetensors"))
    torch.save(load_file(sam / "model.safetensors"), tmp_path / "old" / "pytorch_model.bin")
    with pytest.raises(ValueError, match="pickle"):
        refiner(tmp_path / "old").load()
    allowed = refiner(tmp_path / "old", allow_pickle=True).predict([scan(prompts=(BOX,))])[0]
    safe = refiner(sam).predict([scan(prompts=(BOX,))])[0]
    assert np.array_equal(allowed[0].mask, safe[0].mask)
