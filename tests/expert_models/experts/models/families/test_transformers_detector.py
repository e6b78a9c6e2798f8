"""Boxes of detectors: known shares of a picture that is not square, labels of numbers and of words."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from expert_models.experts.base import Found, Scan
from expert_models.experts.models.card_errors import CardError
from expert_models.experts.models.transformers_boxes import box_found, surest
from expert_models.experts.models.transformers_phrases import caption, token_groups

torch = pytest.importorskip("torch")
transformers = pytest.importorskip("transformers")

SHARES = (0.5, 0.25, 0.2, 0.1)  # cx, cy, w, h
PIXELS = (40.0, 8.0, 60.0, 12.0)  # of a picture 100 wide and 40 high


def answering(
    model: Any, box: Any, classes: Any, shares: tuple[float, ...], logits: list[float]
) -> None:
    """Every query answers with this box and these class logits, whatever it sees."""
    wanted = torch.tensor(shares)
    with torch.no_grad():
        box.weight.zero_()
        box.bias.copy_(torch.log(wanted / (1 - wanted)))
        classes.weight.zero_()
        classes.bias.copy_(torch.tensor(logits))


def swin() -> Any:
    from transformers import SwinConfig

    return SwinConfig(
        image_size=32,
        patch_size=4,
        embed_dim=8,
        depths=[1, 1, 1, 1],
        num_heads=[1, 1, 2, 2],
        window_size=2,
        out_features=["stage2", "stage3", "stage4"],
    )


@pytest.fixture(scope="session")
def detr(tmp_path_factory: pytest.TempPathFactory) -> Path:
    from transformers import DetrConfig, DetrForObjectDetection, ResNetConfig
    from transformers.models.detr.image_processing_pil_detr import DetrImageProcessorPil

    folder = tmp_path_factory.mktemp("detr")
    torch.manual_seed(3)
    backbone = ResNetConfig(
        embedding_size=8, hidden_sizes=[8, 8, 8, 8], depths=[1, 1, 1, 1], out_features=["stage4"]
    )
    model = DetrForObjectDetection(
        DetrConfig(
            backbone_config=backbone,
            use_timm_backbone=False,
            backbone=None,
            use_pretrained_backbone=False,
            d_model=16,
            encoder_layers=1,
            decoder_layers=1,
            encoder_attention_heads=2,
            decoder_attention_heads=2,
            encoder_ffn_dim=16,
            decoder_ffn_dim=16,
            num_queries=3,
            num_labels=3,
        )
    )
    # probabilities of classes 0, 1, 2 and of nothing
    shares = torch.tensor([0.1, 0.7, 0.15, 0.05]).log().tolist()
    answering(model, model.bbox_predictor.layers[-1], model.class_labels_classifier, SHARES, shares)
    model.save_pretrained(folder)
    DetrImageProcessorPil(size={"shortest_edge": 32, "longest_edge": 64}).save_pretrained(folder)
    return folder


@pytest.fixture(scope="session")
def rt_detr(tmp_path_factory: pytest.TempPathFactory) -> Path:
    from transformers import RTDetrConfig, RTDetrForObjectDetection, RTDetrResNetConfig
    from transformers.models.rt_detr.image_processing_pil_rt_detr import RTDetrImageProcessorPil

    folder = tmp_path_factory.mktemp("rtdetr")
    torch.manual_seed(4)
    backbone = RTDetrResNetConfig(
        embedding_size=8,
        hidden_sizes=[8, 8, 8, 8],
        depths=[1, 1, 1, 1],
        layer_type="basic",
        out_features=["stage2", "stage3", "stage4"],
    )
    RTDetrForObjectDetection(
        RTDetrConfig(
            backbone_config=backbone,
            encoder_hidden_dim=16,
            encoder_in_channels=[8, 8, 8],
            encoder_layers=1,
            encoder_ffn_dim=16,
            encoder_attention_heads=2,
            d_model=16,
            decoder_in_channels=[16, 16, 16],
            decoder_ffn_dim=16,
            decoder_layers=1,
            decoder_attention_heads=2,
            num_queries=6,
            num_labels=3,
        )
    ).save_pretrained(folder)
    RTDetrImageProcessorPil(size={"height": 64, "width": 64}).save_pretrained(folder)
    return folder


@pytest.fixture(scope="session")
def owls(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str, Callable[[Path], None]], Path]:
    made: dict[str, Path] = {}

    def make(kind: str, words: Callable[[Path], None]) -> Path:
        if kind in made:
            return made[kind]
        from transformers.models.owlv2.image_processing_pil_owlv2 import Owlv2ImageProcessorPil
        from transformers.models.owlvit.image_processing_pil_owlvit import OwlViTImageProcessorPil

        folder = made[kind] = tmp_path_factory.mktemp(kind)
        torch.manual_seed(5)
        name = {"owlvit": "OwlViT", "owlv2": "Owlv2"}[kind]
        small = {
            "hidden_size": 16,
            "intermediate_size": 16,
            "num_hidden_layers": 1,
            "num_attention_heads": 2,
        }
        config = getattr(transformers, f"{name}Config")(
            text_config={
                **small,
                "vocab_size": 1200,
                "max_position_embeddings": 8,
                "bos_token_id": 101,
                "eos_token_id": 102,
                "pad_token_id": 0,
            },
            vision_config={**small, "image_size": 32, "patch_size": 8},
            projection_dim=16,
        )
        getattr(transformers, f"{name}ForObjectDetection")(config).save_pretrained(folder)
        processor = {"owlvit": OwlViTImageProcessorPil, "owlv2": Owlv2ImageProcessorPil}[kind]
        processor(size={"height": 32, "width": 32}).save_pretrained(folder)
        words(folder)
        return folder

    return make


@pytest.fixture(scope="session")
def dino(tmp_path_factory: pytest.TempPathFactory) -> Path:
    from transformers import GroundingDinoConfig, GroundingDinoForObjectDetection
    from transformers.models.grounding_dino.image_processing_pil_grounding_dino import (
        GroundingDinoImageProcessorPil,
    )

    folder = tmp_path_factory.mktemp("dino")
    torch.manual_seed(6)
    text = {
        "model_type": "bert",
        "vocab_size": 1200,
        "hidden_size": 16,
        "num_hidden_layers": 1,
        "num_attention_heads": 2,
        "intermediate_size": 16,
    }
    GroundingDinoForObjectDetection(
        GroundingDinoConfig(
            backbone_config=swin(),
            use_timm_backbone=False,
            text_config=text,
            d_model=32,
            encoder_layers=1,
            decoder_layers=2,
            encoder_attention_heads=2,
            decoder_attention_heads=2,
            encoder_ffn_dim=16,
            decoder_ffn_dim=16,
            num_queries=5,
            max_text_len=16,
            encoder_n_points=2,
            decoder_n_points=2,
        )
    ).save_pretrained(folder)
    GroundingDinoImageProcessorPil(size={"shortest_edge": 64, "longest_edge": 160}).save_pretrained(
        folder
    )
    return folder


@pytest.fixture
def detector(made: Callable[..., Any]) -> Callable[..., Any]:
    def make(folder: Path, **fields: Any) -> Any:
        return made(folder, "transformers-detector", **fields)

    return make


def test_a_known_box_lands_on_its_pixels(
    detector: Callable[..., Any], detr: Path, scan: Callable[..., Scan]
) -> None:
    expert = detector(detr, classes={1: "polyp"}, options={"overlap": 0.5})
    (one,) = expert.predict([scan()])[0]  # three equal boxes, of which one stays
    assert one.label == "polyp"
    assert one.box == pytest.approx(PIXELS, abs=1e-3)
    assert one.score == pytest.approx(0.7, abs=1e-4)


def test_all_boxes_stay_where_no_overlap_is_set_and_most_bounds_them(
    detector: Callable[..., Any], detr: Path, scan: Callable[..., Scan]
) -> None:
    assert len(detector(detr, classes={1: "polyp"}).predict([scan()])[0]) == 3
    limited = detector(detr, classes={1: "polyp"}, options={"most": 2})
    assert len(limited.predict([scan()])[0]) == 2


def test_classes_that_the_card_does_not_report_are_silent(
    detector: Callable[..., Any], detr: Path, scan: Callable[..., Scan]
) -> None:
    """The best class of every box is 1; the card reports 0 alone, and reads no second best."""
    assert detector(detr, classes={0: "polyp", 1: None}).predict([scan()])[0] == []
    high = detector(detr, classes={1: "polyp"}, options={"threshold": 0.71})
    assert high.predict([scan()])[0] == []


def test_a_class_that_the_network_lacks_is_a_fault(
    detector: Callable[..., Any], detr: Path
) -> None:
    with pytest.raises(ValueError, match=r"classes \[7\] are none of the network"):
        detector(detr, classes={7: "polyp"}).load()


def test_rt_detr_answers_as_the_library_does(
    detector: Callable[..., Any], rt_detr: Path, scan: Callable[..., Scan], picture: np.ndarray
) -> None:
    from transformers import AutoImageProcessor, RTDetrForObjectDetection

    classes = {0: "polyp", 1: "endoscopic instrument", 2: "specular highlight"}
    found = detector(rt_detr, classes=classes, options={"threshold": 0.0}).predict([scan()])[0]
    processor = AutoImageProcessor.from_pretrained(rt_detr)
    with torch.no_grad():
        said = RTDetrForObjectDetection.from_pretrained(rt_detr)(
            **processor(images=picture, return_tensors="pt")
        )
    (theirs,) = processor.post_process_object_detection(
        said, threshold=0.0, target_sizes=[(40, 100)]
    )
    kept = [
        (classes[int(n)], float(s))
        for n, s, b in zip(theirs["labels"], theirs["scores"], theirs["boxes"], strict=True)
        if box_found("x", b.tolist(), 1.0, (40, 100)) is not None
    ]
    assert kept
    assert [(one.label, pytest.approx(one.score, abs=1e-5)) for one in found] == kept


@pytest.mark.parametrize(
    ("kind", "box"),
    [("owlvit", PIXELS), ("owlv2", (40.0, 20.0, 60.0, 30.0))],  # OWLv2 pads to a square of 100
)
def test_words_become_labels_and_boxes(
    kind: str,
    box: tuple[float, ...],
    detector: Callable[..., Any],
    owls: Any,
    words: Callable[[Path], None],
    scan: Callable[..., Scan],
) -> None:
    from expert_models.experts.models.transformers_detector import Said

    texts = {"polyp": ["polyp", "an image of a polyp"], "endoscopic instrument": "a snare"}
    expert = detector(
        owls(kind, words),
        labels=["polyp", "endoscopic instrument"],
        options={"texts": texts, "threshold": 0.6},
    )
    expert.load()
    logits = torch.full((1, 16, 3), -5.0)
    logits[0, 3] = torch.tensor([-5.0, 2.0, 1.0])  # the second text of polyp
    logits[0, 9] = torch.tensor([0.0, 0.1, 1.5])  # the snare
    said = Said(logits, torch.tensor(SHARES).expand(1, 16, 4))
    found = expert._network.read(said, (40, 100))
    assert [one.label for one in found] == ["polyp", "endoscopic instrument"]
    assert found[0].box == pytest.approx(box, abs=1e-3)
    assert [one.score for one in found] == pytest.approx(
        [1 / (1 + np.exp(-2)), 1 / (1 + np.exp(-1.5))]
    )


def test_owl_is_asked_for_every_text_of_every_picture(
    detector: Callable[..., Any],
    owls: Any,
    words: Callable[[Path], None],
    scan: Callable[..., Scan],
    picture: np.ndarray,
) -> None:
    from transformers import (
        AutoImageProcessor,
        AutoTokenizer,
        OwlViTForObjectDetection,
        OwlViTProcessor,
    )

    folder = owls("owlvit", words)
    expert = detector(
        folder,
        labels=["polyp", "endoscopic instrument"],
        options={
            "texts": {"endoscopic instrument": ["a snare", "red tool"]},
            "threshold": 0.0,
            "most": 99,
        },
    )
    found = expert.predict([scan(picture[::-1].copy()), scan()])[1]
    processor = OwlViTProcessor(
        AutoImageProcessor.from_pretrained(folder), AutoTokenizer.from_pretrained(folder)
    )
    given = processor(
        images=picture,
        text=[["polyp", "a snare", "red tool"]],
        return_tensors="pt",
        padding="max_length",
        max_length=8,
    )
    given.pop("token_type_ids", None)
    with torch.no_grad():
        said = OwlViTForObjectDetection.from_pretrained(folder)(**given)
    (theirs,) = processor.post_process_grounded_object_detection(said, 0.0, [(40, 100)])
    asked = ["polyp", "endoscopic instrument", "endoscopic instrument"]
    rows = zip(theirs["scores"].tolist(), theirs["labels"].tolist(), theirs["boxes"], strict=True)
    kept = sorted(
        ((s, asked[n]) for s, n, b in rows if box_found("x", b.tolist(), 1.0, (40, 100))),
        reverse=True,
    )
    assert len(kept) >= 4
    assert [one.score for one in found] == pytest.approx([s for s, _ in kept], abs=1e-5)
    assert [one.label for one in found] == [label for _, label in kept]


def test_a_caption_knows_which_tokens_are_whose() -> None:
    said = caption(["Polyps", "a  flatter polyp"])
    assert said.text == "polyps. a flatter polyp."
    assert [said.text[a:b] for a, b in said.spans] == ["polyps", "a flatter polyp"]
    # [CLS] pol ##yps . a flat ##ter polyp . [SEP]
    offsets = [
        (0, 0),
        (0, 3),
        (3, 6),
        (6, 7),
        (8, 9),
        (10, 14),
        (14, 17),
        (18, 23),
        (23, 24),
        (0, 0),
    ]
    assert token_groups(offsets, said) == [[1, 2], [4, 5, 6, 7]]


@pytest.mark.parametrize("phrases", [["a. b"], [""], ["polyp", "Polyp "]])
def test_phrases_that_a_caption_cannot_hold(phrases: list[str]) -> None:
    with pytest.raises(ValueError, match="phrase"):
        caption(phrases)


@pytest.fixture
def grounded(
    detector: Callable[..., Any], dino: Path, words: Callable[[Path], None]
) -> Callable[..., Any]:
    def make(**options: Any) -> Any:
        words(dino)
        texts = {"polyp": ["flatter polyps", "red polyp"], "endoscopic instrument": ["a snare"]}
        return detector(
            dino, labels=["polyp", "endoscopic instrument"], options={"texts": texts, **options}
        )

    return make


def test_a_box_gets_the_label_of_the_phrase_and_not_a_mixture(
    grounded: Callable[..., Any],
) -> None:
    from expert_models.experts.models.transformers_detector import Said

    expert = grounded(threshold=0.4)
    expert.load()
    # 0 [CLS] 1 flat 2 ##ter 3 polyp 4 ##s 5 . 6 red 7 polyp 8 . 9 a 10 snare 11 . 12 [SEP]
    assert expert._network.words.groups == [[1, 2, 3, 4], [6, 7], [9, 10]]
    logits = torch.full((1, 3, 16), -torch.inf)
    logits[0, :, :13] = -6.0
    logits[0, 0, [1, 2, 3, 4]] = 2.0
    logits[0, 0, 10] = 2.5  # one token of another phrase is hotter; the mean of that phrase is not
    logits[0, 1, [9, 10]] = 1.0
    logits[0, 2, [5, 8, 11]] = 5.0  # full stops are nobody's
    found = expert._network.read(Said(logits, torch.tensor(SHARES).expand(1, 3, 4)), (40, 100))
    assert [(one.label, round(one.score, 4)) for one in found] == [
        ("polyp", round(1 / (1 + np.exp(-2.0)), 4)),
        ("endoscopic instrument", round(1 / (1 + np.exp(-1.0)), 4)),
    ]
    assert found[0].box == pytest.approx(PIXELS, abs=1e-3)


def test_grounding_dino_runs_alone_and_beside_others_alike(
    grounded: Callable[..., Any], scan: Callable[..., Scan], picture: np.ndarray
) -> None:
    expert = grounded(threshold=0.0)
    alone = expert.predict([scan()])[0]
    beside = expert.predict([scan(picture[:, :40]), scan(), scan(picture[::-1].copy())])[1]
    assert isinstance(alone, list)
    assert alone
    assert alone == beside


def test_a_caption_longer_than_the_model_reads_is_a_fault(
    detector: Callable[..., Any], dino: Path, words: Callable[[Path], None]
) -> None:
    words(dino)
    expert = detector(dino, labels=["polyp"], options={"texts": {"polyp": ["a red polyp " * 6]}})
    with pytest.raises(ValueError, match="21 tokens; the model reads 16"):
        expert.load()


def test_cards_that_do_not_fit_their_checkpoint(
    detector: Callable[..., Any], detr: Path, dino: Path
) -> None:
    with pytest.raises(ValueError, match="`classes` for its numbers"):
        detector(detr, labels=["polyp"]).load()
    with pytest.raises(ValueError, match="terms in `labels`, no `classes`"):
        detector(dino, classes={0: "polyp"}).load()
    with pytest.raises(CardError, match="terms of the card: polyp"):
        detector(dino, labels=["polyp"], options={"texts": {"snare": "a snare"}})
    with pytest.raises(CardError, match="options > treshold"):
        detector(dino, labels=["polyp"], options={"treshold": 0.2})


def test_boxes_are_clipped_and_slivers_dropped() -> None:
    inside = box_found("polyp", (-4.0, 30.0, 20.5, 60.0), 0.5, (40, 100))
    assert inside is not None
    assert inside.box == (0.0, 30.0, 20.5, 40.0)
    assert box_found("polyp", (99.5, 0.0, 140.0, 9.0), 0.5, (40, 100)) is None
    assert box_found("polyp", (float("nan"), 0.0, 50.0, 9.0), 0.5, (40, 100)) is None


def test_the_surest_of_one_label_stays() -> None:
    one = Found("polyp", box=(0.0, 0.0, 10.0, 10.0), score=0.6)
    better = Found("polyp", box=(1.0, 0.0, 11.0, 10.0), score=0.9)
    other = Found("endoscopic instrument", box=(0.0, 0.0, 10.0, 10.0), score=0.5)
    assert surest([one, better, other], iou=0.5) == [better, other]
    assert surest([one, better, other], iou=None) == [better, one, other]
