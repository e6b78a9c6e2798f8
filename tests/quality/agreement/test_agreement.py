"""Every figure against another program that computes the same."""

import numpy as np
import pytest

from quality.agreement import surface
from quality.agreement.interval import ratio
from quality.agreement.objects import Outlined, match, outline_of, overlaps, parts_of
from quality.agreement.overlap import dice, iou, sensitivity, specificity
from quality.agreement.surface import distance


def blobs(seed: int, shape: tuple[int, int] = (40, 60)) -> np.ndarray:
    from scipy.ndimage import gaussian_filter

    noise = gaussian_filter(np.random.default_rng(seed).normal(size=shape), 3)
    return noise > np.quantile(noise, 0.8)


@pytest.mark.parametrize("seed", range(4))
def test_overlap_is_that_of_simpleitk(seed: int) -> None:
    sitk = pytest.importorskip("SimpleITK")
    found, truth = blobs(seed), blobs(seed + 50)
    other = sitk.LabelOverlapMeasuresImageFilter()
    other.Execute(*(sitk.GetImageFromArray(m.astype(np.uint8)) for m in (truth, found)))
    assert dice(found, truth) == pytest.approx(other.GetDiceCoefficient(1))
    assert iou(found, truth) == pytest.approx(other.GetJaccardCoefficient(1))


def test_sensitivity_and_specificity_are_those_of_scikit_learn() -> None:
    from sklearn.metrics import recall_score

    found, truth = blobs(1), blobs(51)
    flat = truth.ravel(), found.ravel()
    assert sensitivity(found, truth) == pytest.approx(recall_score(*flat))
    assert specificity(found, truth) == pytest.approx(recall_score(*flat, pos_label=False))


def test_empty_masks() -> None:
    nothing, some = np.zeros((4, 4), bool), np.eye(4, dtype=bool)
    assert (dice(nothing, nothing), iou(nothing, nothing)) == (1, 1)
    assert (dice(nothing, some), iou(some, nothing)) == (0, 0)
    assert distance(nothing, some) is None
    assert np.isnan(sensitivity(some, nothing))


@pytest.mark.parametrize("other", [np.ones((4, 5), bool), np.ones((4, 4), np.uint8)])
def test_masks_that_do_not_compare(other: np.ndarray) -> None:
    with pytest.raises(ValueError, match="one shape"):
        dice(np.ones((4, 4), bool), other)


def outline(mask: np.ndarray) -> np.ndarray:
    from scipy.ndimage import binary_erosion

    return mask & ~binary_erosion(mask)  # four neighbours, nothing beyond the border


@pytest.mark.parametrize("spacing", [None, (0.5, 2.0)])
@pytest.mark.parametrize("seed", range(3))
def test_distances_are_those_between_all_pairs(
    seed: int, spacing: tuple[float, float] | None
) -> None:
    from scipy.spatial.distance import cdist

    found, truth = blobs(seed), blobs(seed + 50)
    step = np.array(spacing or (1, 1))
    pairs = cdist(np.argwhere(outline(found)) * step, np.argwhere(outline(truth)) * step)
    one, two = pairs.min(axis=1), pairs.min(axis=0)
    apart = distance(found, truth, spacing)
    assert apart is not None
    assert apart.hausdorff95 == pytest.approx(max(np.percentile(one, 95), np.percentile(two, 95)))
    assert apart.mean == pytest.approx(np.concatenate([one, two]).mean())
    assert apart.unit == ("mm" if spacing else "px")


def test_at_the_last_percentile_it_is_the_distance_of_simpleitk_and_scikit_image(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    from skimage.metrics import hausdorff_distance

    sitk = pytest.importorskip("SimpleITK")
    monkeypatch.setattr(surface, "ROBUST", 100.0)
    found, truth = blobs(2), blobs(52)
    outlines = outline(found), outline(truth)
    other = sitk.HausdorffDistanceImageFilter()
    other.Execute(*(sitk.GetImageFromArray(m.astype(np.uint8)) for m in outlines))
    apart = surface.distance(found, truth)
    assert apart is not None
    assert apart.hausdorff95 == pytest.approx(other.GetHausdorffDistance())
    assert apart.hausdorff95 == pytest.approx(hausdorff_distance(*outlines))


def test_rows_and_columns_have_their_own_spacing() -> None:
    found, truth = np.zeros((9, 9), bool), np.zeros((9, 9), bool)
    found[2, 2], truth[5, 2] = True, True
    apart = distance(found, truth, (0.5, 4.0))
    assert apart is not None
    assert apart.hausdorff95 == 1.5


def test_object_overlaps_are_those_of_pycocotools() -> None:
    coco = pytest.importorskip("pycocotools.mask")
    masks = [[blobs(s, (30, 50)) for s in range(k, k + 4)] for k in (0, 20)]
    ours = overlaps(*([outline_of(m) for m in side] for side in masks))
    encoded = [[coco.encode(np.asfortranarray(m.astype(np.uint8))) for m in s] for s in masks]
    assert ours == pytest.approx(coco.iou(*encoded, [0] * 4))


def test_box_overlaps_are_those_of_pycocotools() -> None:
    coco = pytest.importorskip("pycocotools.mask")
    random = np.random.default_rng(0)
    corner, side = random.uniform(0, 20, (2, 6, 2)), random.uniform(1, 20, (2, 6, 2))
    boxes = [
        [Outlined(tuple(b)) for b in np.hstack([c, c + s])]
        for c, s in zip(corner, side, strict=True)
    ]
    theirs = coco.iou(*(np.hstack([c, s]) for c, s in zip(corner, side, strict=True)), [0] * 6)
    assert overlaps(*boxes) == pytest.approx(theirs)


@pytest.mark.parametrize("seed", range(5))
def test_the_matching_is_as_large_as_can_be(seed: int) -> None:
    from scipy.sparse import csr_array
    from scipy.sparse.csgraph import maximum_bipartite_matching

    random = np.random.default_rng(seed)
    corner, side = random.uniform(0, 15, (2, 12, 2)), random.uniform(8, 14, (2, 12, 2))
    ours, theirs = (
        [Outlined(tuple(b)) for b in np.hstack([c, c + s])]
        for c, s in zip(corner, side, strict=True)
    )
    at = 0.3
    most = maximum_bipartite_matching(csr_array(overlaps(ours, theirs) >= at))
    matched = match(ours, theirs, at)
    assert len(matched.pairs) == (most >= 0).sum()
    assert len({f for f, _, _ in matched.pairs}) == len({t for _, t, _ in matched.pairs})
    assert all(share >= at for _, _, share in matched.pairs)


def test_one_object_answers_for_one() -> None:
    whole = Outlined((0, 0, 10, 4))
    halves = [Outlined((0, 0, 5, 4)), Outlined((5, 0, 10, 4))]  # each shares exactly a half
    matched = match(halves, [whole])
    assert len(matched.pairs) == 1
    assert matched.f1 == pytest.approx(2 / 3)


def test_nothing_matches_nothing() -> None:
    assert match([], [Outlined((0, 0, 2, 2))]).f1 == 0
    assert np.isnan(match([], []).f1)
    assert outline_of(np.zeros((3, 3), bool)) is None


def test_parts_touch_at_corners_and_keep_their_place() -> None:
    mask = np.zeros((6, 9), bool)
    mask[0, 0] = mask[1, 1] = mask[4, 6:8] = True
    first, second = parts_of(mask)
    assert (first.box, second.box) == ((0, 0, 2, 2), (6, 4, 8, 5))
    assert first.mask is not None
    assert first.mask.tolist() == [[True, False], [False, True]]


def test_a_figure_is_a_ratio_of_sums() -> None:
    assert ratio([(1, 2), (3, 10)], ["a", "b"])[0] == pytest.approx(4 / 12)


def test_the_interval_is_that_of_scipy() -> None:
    from scipy.stats import bootstrap

    values = np.random.default_rng(3).normal(0.7, 0.1, 40)
    _, low, high = ratio([(v, 1) for v in values], [str(i) for i in range(40)])
    other = bootstrap((values,), np.mean, method="percentile", rng=0).confidence_interval
    assert (low, high) == (
        pytest.approx(other.low, abs=0.005),
        pytest.approx(other.high, abs=0.005),
    )


def test_pictures_of_one_patient_are_no_further_evidence() -> None:
    values = list(np.random.default_rng(3).normal(0.7, 0.1, 8))
    patients = [str(i) for i in range(8)]
    once = ratio([(v, 1) for v in values], patients)
    copies = ratio([(v, 1) for v in values for _ in range(9)], np.repeat(patients, 9).tolist())
    assert copies == pytest.approx(once)


def test_few_patients_have_no_interval() -> None:
    assert ratio([(0.5, 1), (0.7, 1)], ["a", "b"]) == (pytest.approx(0.6), None, None)
    assert None not in ratio([(0.5, 1), (0.7, 1)] * 5, [*"abcdeabcde"])
    with pytest.raises(ValueError, match="over nothing"):
        ratio([], [])
