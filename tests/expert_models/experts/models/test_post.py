"""Outputs to findings, on pictures that no mirror or transposition leaves alike."""

import numpy as np
import pytest

from expert_models.experts.models.card_input import Input
from expert_models.experts.models.card_output import Boxes, Instances, Scores, Semantic
from expert_models.experts.models.post import ScoreReader
from expert_models.experts.models.post_boxes import BoxReader
from expert_models.experts.models.post_instances import InstanceReader
from expert_models.experts.models.post_nms import iou, kept
from expert_models.experts.models.post_semantic import SemanticReader
from expert_models.experts.models.pre import Ready
from expert_models.experts.models.pre_geometry import fitted
from expert_models.experts.models.pre_windows import corners, window_at

CLASSES = {0: None, 1: "polyp", 2: "ulcer"}
SHAPE = (20, 30)
RNG = np.random.default_rng(3)


def seen_whole(shape: tuple[int, int] = SHAPE) -> Ready:
    return Ready(np.zeros((1, *shape), np.float32), fitted(Input(fit="whole"), shape))


def semantic(scores: np.ndarray, made: Ready | None = None, **said: object) -> SemanticReader:
    made = made or seen_whole()
    canvas = made.fitted.canvas
    wanted = Semantic.model_validate({"kind": "semantic"} | said)
    reader = SemanticReader(wanted, CLASSES, made, [(0, 0)], canvas, "gaussian")
    reader.add(0, {"y": scores[None]})
    return reader


def test_the_best_class_of_each_pixel() -> None:
    scores = RNG.normal(size=(3, *SHAPE)).astype(np.float32)
    found = semantic(scores).found()
    assert [one.label for one in found] == ["polyp", "ulcer"]
    for number, one in ((1, found[0]), (2, found[1])):
        assert np.array_equal(one.mask, scores.argmax(0) == number)
        shares = np.exp(scores) / np.exp(scores).sum(0)
        assert one.score == pytest.approx(shares[number][one.mask].mean(), abs=1e-4)
        assert one.quality == pytest.approx((shares[number][one.mask] >= 0.6).mean(), abs=1e-3)
        assert one.instance is False


def test_large_scores_do_not_overflow() -> None:
    scores = np.zeros((3, *SHAPE), np.float32)
    scores[2, 3:9, 4:20] = 3e4
    (found,) = semantic(scores).found()
    assert (found.label, found.score, int(found.mask.sum())) == ("ulcer", 1.0, 6 * 16)


def test_each_class_by_itself_with_its_threshold() -> None:
    scores = np.full((3, *SHAPE), -9, np.float32)
    scores[1, 2:5, 7:11] = 0.0  # 0.5
    scores[2, 2:5, 9:20] = 1.0  # 0.73
    said = {"activation": "sigmoid", "threshold": {1: 0.5, 2: 0.75}}
    (found,) = semantic(scores, **said).found()
    assert found.label == "polyp"
    assert np.argwhere(found.mask).min(0).tolist() == [2, 7]
    assert np.argwhere(found.mask).max(0).tolist() == [4, 10]
    both = semantic(scores, **said | {"threshold": 0.5}).found()
    assert (both[0].mask & both[1].mask).sum() == 3 * 2


def test_class_numbers_and_parts() -> None:
    numbers = np.zeros(SHAPE, np.int64)
    numbers[1:3, 2:9] = 1
    numbers[10:12, 20:29] = 1
    numbers[12, 29] = 1  # joined by a corner
    numbers[5, 5] = 1
    whole = semantic(numbers, activation="numbers").found()
    assert (len(whole), whole[0].score) == (1, None)
    parts = semantic(numbers, activation="numbers", split=True, smallest_px=2).found()
    assert [int(one.mask.sum()) for one in parts] == [14, 19]
    assert all(one.instance for one in parts)


def test_nothing_is_an_empty_answer() -> None:
    scores = np.zeros((3, *SHAPE), np.float32)
    scores[0] = 5
    assert semantic(scores).found() == []


def test_channels_last() -> None:
    scores = RNG.normal(size=(3, *SHAPE)).astype(np.float32)
    here = semantic(np.moveaxis(scores, 0, -1), layout="channels-last").found()
    assert np.array_equal(here[0].mask, semantic(scores).found()[0].mask)


@pytest.mark.parametrize("count", [2, 4])
def test_a_table_of_another_length_is_refused(count: int) -> None:
    with pytest.raises(ValueError, match=f"found {count} channels.*expected 3"):
        semantic(np.zeros((count, *SHAPE), np.float32))


def test_class_numbers_beyond_the_table_are_refused() -> None:
    with pytest.raises(ValueError, match=r"found 8 class numbers.*expected 3"):
        semantic(np.full(SHAPE, 7), activation="numbers")


def test_values_that_are_not_finite_are_refused() -> None:
    with pytest.raises(ValueError, match="not finite"):
        semantic(np.full((3, *SHAPE), np.nan, np.float32))


@pytest.mark.parametrize("blend", ["gaussian", "mean"])
@pytest.mark.parametrize("stride", [1, 2])
def test_tiles_are_joined_without_seams(blend: str, stride: int) -> None:
    """Each window says the truth of its place: the joined map is the truth."""
    rows, columns = np.indices((41, 67)).astype(np.float32)
    truth = np.stack([0 * rows, 10 - np.hypot(rows - 12, columns - 50), rows - 30.3])
    seen = Input(size=(24, 32), fit="tile", overlap=0.4, blend=blend)
    made = Ready(np.zeros((1, 41, 67), np.float32), fitted(seen, (41, 67)))
    windows = corners((41, 67), (24, 32), 0.4)
    said_how = Semantic(kind="semantic", activation="sigmoid", threshold=0.7)
    reader = SemanticReader(said_how, CLASSES, made, windows, (24, 32), blend)
    for number, corner in enumerate(windows):
        said = truth[(slice(None), *window_at(corner, (24, 32)))]
        if stride == 2:
            said = said.reshape(3, 12, 2, 16, 2).mean((2, 4))
        reader.add(number, {"y": said[None]})
    for one, number in zip(reader.found(), (1, 2), strict=True):
        wanted = truth[number] >= np.log(0.7 / 0.3)
        assert (one.mask != wanted).sum() <= (0 if stride == 1 else 12)
        mean = 1 / (1 + np.exp(-truth[number][one.mask]))
        assert one.score == pytest.approx(mean.mean(), abs=1e-3 if stride == 1 else 0.02)


def boxes(outputs: dict[str, np.ndarray], **said: object) -> list[tuple[str, tuple, float]]:
    seen = Input(size=(64, 64), fit="letterbox")
    made = Ready(np.zeros((1, 64, 64), np.float32), fitted(seen, SHAPE))  # 43 x 64, 10 px down
    wanted = Boxes.model_validate({"kind": "boxes"} | said)
    reader = BoxReader(wanted, CLASSES, made, [(0, 0)], (64, 64))
    reader.add(0, outputs)
    return [(one.label, one.box, one.score) for one in reader.found()]


X, Y = 64 / 30, 43 / 20  # canvas px for each px of the picture
ON_CANVAS = np.array([[3 * X, 5 * Y + 10, 12 * X, 9 * Y + 10]])
HERE = (3.0, 5.0, 12.0, 9.0)


@pytest.mark.parametrize("corners_", ["xyxy", "xywh", "cxcywh"])
@pytest.mark.parametrize("normalised", [False, True])
def test_edges_in_every_convention(corners_: str, normalised: bool) -> None:
    x0, y0, x1, y1 = ON_CANVAS[0]
    written = {
        "xyxy": [x0, y0, x1, y1],
        "xywh": [x0, y0, x1 - x0, y1 - y0],
        "cxcywh": [(x0 + x1) / 2, (y0 + y1) / 2, x1 - x0, y1 - y0],
    }[corners_]
    table = np.array([[written]]) / (64 if normalised else 1)
    outputs = {"boxes": table, "scores": np.array([[[0.1, 0.2, 0.7]]])}
    (found,) = boxes(outputs, corners=corners_, normalised=normalised)
    assert found == ("ulcer", pytest.approx(HERE, abs=1e-3), 0.7)


def test_boxes_with_class_numbers_and_no_batch_axis() -> None:
    outputs = {
        "boxes": np.repeat(ON_CANVAS, 3, 0),
        "scores": np.array([0.9, 0.4, 0.8]),
        "labels": np.array([0, 1, 1]),
    }
    (found,) = boxes(outputs, classes="labels")
    assert found == ("polyp", pytest.approx(HERE, abs=1e-3), 0.8)


@pytest.mark.parametrize("form", ["rows", "columns"])
@pytest.mark.parametrize("objectness", [False, True])
def test_one_table_as_yolo_writes_it(form: str, objectness: bool) -> None:
    x0, y0, x1, y1 = ON_CANVAS[0]
    row = [(x0 + x1) / 2, (y0 + y1) / 2, x1 - x0, y1 - y0]
    row += ([0.8] if objectness else []) + [0.0, 0.75, 0.1]
    table = np.array([[row, [9, 9, 4, 4, *([0.1] if objectness else []), 0.9, 0.1, 0.1]]])
    given = table if form == "rows" else table.transpose(0, 2, 1)
    (found,) = boxes({"y": given}, form=form, objectness=objectness, corners="cxcywh")
    assert found == ("polyp", pytest.approx(HERE, abs=1e-3), 0.6 if objectness else 0.75)


def test_a_detr_answers_with_a_last_class_of_nothing() -> None:
    seen = Input(size=(64, 64))
    made = Ready(np.zeros((1, 64, 64), np.float32), fitted(seen, SHAPE))
    logits = np.array([[[4.0, 0, 0], [0, 0, 4.0]]])
    said = Boxes(kind="boxes", corners="cxcywh", normalised=True, activation="softmax")
    reader = BoxReader(said, {0: "polyp", 1: "ulcer", 2: None}, made, [(0, 0)], (64, 64))
    reader.add(
        0, {"boxes": np.array([[[0.5, 0.25, 0.2, 0.1], [0.5, 0.5, 1, 1]]]), "scores": logits}
    )
    (found,) = reader.found()
    assert found.label == "polyp"
    assert found.box == pytest.approx((12, 4, 18, 6))
    assert found.score == pytest.approx(np.exp(4) / (np.exp(4) + 2), abs=1e-4)


def test_boxes_beside_the_picture_are_gone_and_others_held_inside() -> None:
    table = np.array([[[-9.0, 0, 20 * X, 9], [-5, 12, 4 * X, 99]]])  # the first lies on padding
    outputs = {"boxes": table, "scores": np.array([[[0, 0.9, 0], [0, 0.8, 0]]])}
    (found,) = boxes(outputs)
    assert found[1] == pytest.approx((0, 2 / Y, 4, 20), abs=1e-3)


def test_unknown_classes_and_uneven_tables_are_refused() -> None:
    table = {"boxes": np.zeros((1, 2, 4)), "scores": np.ones((1, 2)), "labels": np.array([[1, 9]])}
    with pytest.raises(ValueError, match="found class 9"):
        boxes(table, classes="labels")
    with pytest.raises(ValueError, match="as many of each"):
        boxes(
            table | {"boxes": np.zeros((1, 3, 4)), "labels": np.array([[1, 1]])}, classes="labels"
        )
    with pytest.raises(ValueError, match="found boxes, scores, labels; expected none_such"):
        boxes(table, boxes="none_such")


def test_suppression_is_that_of_opencv() -> None:
    import cv2

    low = RNG.uniform(0, 60, (80, 2))
    table = np.concatenate([low, low + RNG.uniform(4, 40, (80, 2))], axis=1)
    scores = (RNG.permutation(80) + 1) / 81
    xywh = np.concatenate([table[:, :2], table[:, 2:] - table[:, :2]], axis=1)
    theirs = cv2.dnn.NMSBoxes(xywh.tolist(), scores.tolist(), 0.0, 0.4)
    one_class = np.zeros(80, int)
    assert kept(table, scores, one_class, 0.4, 80) == list(theirs)
    assert len(kept(table, scores, np.arange(80), 0.4, 80)) == 80
    assert kept(table, np.ones(80), one_class, 1.0, 3) == [0, 1, 2]


def test_iou() -> None:
    others = np.array([[0.0, 0, 2, 2], [1, 0, 3, 2], [5, 5, 6, 6], [0, 0, 0, 0]])
    assert iou(np.array([0.0, 0, 2, 2]), others).tolist() == [1, pytest.approx(1 / 3), 0, 0]


def test_boxes_of_tiles_meet_on_the_picture() -> None:
    seen = Input(size=(20, 20), fit="tile", overlap=0.5)
    made = Ready(np.zeros((1, 20, 30), np.float32), fitted(seen, (20, 30)))
    windows = corners((20, 30), (20, 20), 0.5)
    assert windows == [(0, 0), (0, 10)]
    reader = BoxReader(Boxes(kind="boxes"), CLASSES, made, windows, (20, 20))
    for number, x in enumerate((11.0, 1.0)):  # one thing, seen in both
        table = {"boxes": np.array([[[x, 2, x + 6, 9]]]), "scores": np.array([[[0, 0.6 + number / 10, 0]]])}  # fmt: skip
        reader.add(number, table)
    (found,) = reader.found()
    assert (found.box, found.score) == ((11.0, 2.0, 17.0, 9.0), 0.7)


def test_numbered_objects() -> None:
    numbers = np.zeros(SHAPE, np.int32)
    numbers[1:4, 2:9], numbers[1:4, 9:12] = 7, 300  # they touch
    said = Instances(kind="instances")
    reader = InstanceReader(said, {0: "nucleus"}, seen_whole())
    reader.add(0, {"y": numbers[None]})
    assert [int(one.mask.sum()) for one in reader.found()] == [21, 9]


@pytest.mark.parametrize("batched", [True, False])
def test_masks_with_scores(batched: bool) -> None:
    masks = np.zeros((3, 20, 30), np.float32)
    masks[0, 2:8, 3:20] = 0.9
    masks[1, 2:8, 3:19] = 0.8  # the same thing again, less sure
    masks[2, 12:15, 1:5] = 0.6
    outputs = {"masks": masks[None] if batched else masks[:, None]}
    outputs |= {"scores": np.array([0.9, 0.7, 0.95]), "classes": np.array([1, 1, 2])}
    if batched:
        outputs |= {key: outputs[key][None] for key in ("scores", "classes")}
    said = Instances(kind="instances", form="masks", classes="classes")
    reader = InstanceReader(said, CLASSES, seen_whole())
    reader.add(0, outputs)
    found = reader.found()
    assert [(one.label, one.score) for one in found] == [("ulcer", 0.95), ("polyp", 0.9)]
    assert np.array_equal(found[1].mask, masks[0] > 0.5)


@pytest.mark.parametrize("count", [0, 1])
def test_few_masks(count: int) -> None:
    outputs = {"masks": np.ones((count, 1, 20, 30)), "scores": np.ones(count)}
    reader = InstanceReader(Instances(kind="instances", form="masks"), {0: "polyp"}, seen_whole())
    reader.add(0, outputs)
    assert len(reader.found()) == count


def test_scores_of_the_whole_picture() -> None:
    def labels(scores: list[float], **said: object) -> list[tuple[str, float]]:
        reader = ScoreReader(Scores.model_validate({"kind": "scores"} | said), CLASSES)
        reader.add(0, {"y": np.array([scores])})
        found = reader.found()
        assert all(one.mask is None and one.box is None for one in found)
        return [(one.label, one.score) for one in found]

    assert labels([0, 5, 1]) == [("polyp", pytest.approx(0.9756, abs=1e-3))]
    assert labels([0, 1, 1]) == []
    assert labels([9, 0, 0]) == []
    both = labels([0, 2, 1], activation="sigmoid", threshold={1: 0.8, 2: 0.7})
    assert [name for name, _ in both] == ["polyp", "ulcer"]
