import numpy as np
import pytest

from expert_models.experts.base import Found
from expert_models.experts.merge import consensus, overlap, suppress


def box(x0: float, y0: float, x1: float, y1: float, *, score: float, label: str = "polyp") -> Found:
    return Found(label, box=(x0, y0, x1, y1), score=score)


def disc(x: float, y: float, radius: float, shape: tuple[int, int] = (60, 90)) -> np.ndarray:
    rows, columns = np.indices(shape)
    return (columns - x) ** 2 + (rows - y) ** 2 <= radius**2


def test_of_one_experts_findings_the_surest_stays() -> None:
    low, high, far = (
        box(0, 0, 10, 4, score=0.2),
        box(1, 0, 11, 4, score=0.8),
        box(40, 0, 44, 4, score=0.1),
    )
    kept = suppress([("a@1", low), ("a@1", high), ("a@1", far)])
    assert [m.found for m in kept] == [high, far]
    assert [(s.producer, s.score) for s in kept[0].said] == [("a@1", 0.8), ("a@1", 0.2)]
    assert kept[0].said[1].overlap == pytest.approx(9 / 11)


def test_scores_of_two_experts_do_not_compare() -> None:
    first, second = box(0, 0, 10, 4, score=0.1), box(0, 0, 10, 4, score=0.99)
    (kept,) = suppress([("trusted@1", first), ("other@1", second)])
    assert kept.found is first
    assert [s.producer for s in kept.said] == ["trusted@1", "other@1"]


def test_other_labels_are_other_things() -> None:
    pair = [("a@1", box(0, 0, 9, 9, score=1)), ("a@1", box(0, 0, 9, 9, score=1, label="ulcer"))]
    assert len(suppress(pair)) == 2


def test_masks_are_compared_as_masks_and_boxes_as_boxes() -> None:
    one, other = (
        Found("polyp", np.eye(10, dtype=bool)),
        Found("polyp", np.eye(10, dtype=bool)[::-1]),
    )
    assert overlap(one, other) == 0
    assert overlap(one, Found("polyp", box=(0, 0, 10, 10))) == 1
    assert len(suppress([("a@1", one), ("b@1", other)])) == 2


def test_the_suppression_is_that_of_opencv() -> None:
    cv2 = pytest.importorskip("cv2")
    random = np.random.default_rng(1)
    corner, side = random.integers(0, 40, (30, 2)), random.integers(8, 30, (30, 2))
    scores = random.permutation(30) / 30 + 0.01
    given = [
        box(*c, *(c + s), score=float(p)) for c, s, p in zip(corner, side, scores, strict=True)
    ]
    kept = cv2.dnn.NMSBoxes(np.hstack([corner, side]).tolist(), scores.tolist(), 0.0, 0.4)
    merged = suppress([("a@1", one) for one in given], iou=0.4)
    assert [m.found for m in merged] == [given[i] for i in kept]
    assert sum(len(m.said) for m in merged) == 30  # nobody's word is lost


def test_staple_finds_who_is_wrong() -> None:
    pytest.importorskip("SimpleITK")
    truth = disc(60, 20, 12)
    merged = consensus(
        "polyp", [("a@1", truth), ("b@1", disc(61, 20, 12)), ("wrong@1", disc(20, 40, 12))]
    )
    assert merged is not None
    assert merged.found.mask is not None
    shared = np.count_nonzero(merged.found.mask & truth) / np.count_nonzero(
        merged.found.mask | truth
    )
    assert shared > 0.8
    rated = {s.producer: s.sensitivity for s in merged.said}
    assert rated["wrong@1"] < 0.2 < 0.8 < rated["a@1"]
    assert merged.found.quality == pytest.approx(np.mean([s.overlap for s in merged.said]))


def test_of_two_experts_what_both_marked() -> None:
    one, other = disc(60, 20, 12), disc(66, 20, 12)
    merged = consensus("polyp", [("a@1", one), ("b@1", other)])
    assert merged is not None
    assert np.array_equal(merged.found.mask, one & other)


def test_nothing_agreed_is_nothing_found() -> None:
    nothing = np.zeros((60, 90), bool)
    assert consensus("polyp", [("a@1", nothing), ("b@1", nothing)]) is None
    assert consensus("polyp", [("a@1", disc(60, 20, 5)), ("b@1", nothing)]) is None
    assert consensus("polyp", []) is None
    with pytest.raises(ValueError, match="one voice"):
        consensus("polyp", [("a@1", nothing), ("a@1", nothing)])


def test_overlap_of_masks_is_that_of_all_their_pixels() -> None:
    """Worked out in a window, and the same as over the whole picture, on pairs apart, touching and nested."""
    random = np.random.default_rng(7)
    for _ in range(50):
        masks = []
        for _ in range(2):
            mask = np.zeros((40, 61), bool)
            row, column = random.integers(0, 30), random.integers(0, 50)
            block = mask[
                row : row + random.integers(1, 20), column : column + random.integers(1, 30)
            ]
            block[:] = random.random(block.shape) < 0.7
            masks.append(mask)
        one, other = masks
        either = np.count_nonzero(one | other)
        expected = np.count_nonzero(one & other) / either if either else 0.0
        assert overlap(Found("nucleus", one), Found("nucleus", other)) == expected
