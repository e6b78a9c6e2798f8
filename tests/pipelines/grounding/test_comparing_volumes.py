"""Agreement in 3-D: figures against MONAI's, labels of both sides, and what is not there."""

from dataclasses import replace

import numpy as np
import pytest
from scipy.ndimage import binary_erosion
from scipy.spatial.distance import cdist

from expert_models.experts.base import Found, Refusal
from pipelines.grounding.comparing_volumes import compare_volume
from pipelines.grounding.volumes import Known, Voice, ground_volume
from tests.pipelines.grounding.scene import card
from tests.pipelines.grounding.test_volumes import Deep, routes, scan
from transforms.formats.structures import Structure, structure_of_mask

SHAPE, MM = (12, 20, 24), (3.0, 0.5, 2.0)


def ball(s: int, r: int, c: int, radius: float) -> np.ndarray:
    """[S, H, W] bool, round in voxels."""
    z, y, x = np.mgrid[: SHAPE[0], : SHAPE[1], : SHAPE[2]]
    return (z - s) ** 2 + (y - r) ** 2 + (x - c) ** 2 <= radius**2


def drawn(label: str, mask: np.ndarray) -> tuple[str, Structure]:
    made = structure_of_mask(mask, label, voxel_ml=None)
    assert made is not None
    return label, replace(made, region_id=f"vreg-{label}")


def voice(labels: tuple[str, ...], *found: Found) -> Voice:
    return Voice(card("deep", labels=labels, dimensions=3), list(found))


def _hausdorff95(one: np.ndarray, other: np.ndarray) -> float:
    """mm, from every outline voxel of one mask to every one of the other."""
    points = [np.argwhere(m & ~binary_erosion(m)) * MM for m in (one, other)]
    apart = cdist(*points)
    return float(max(np.percentile(apart.min(axis=axis), 95) for axis in (0, 1)))


def test_figures_are_those_of_the_whole_grid() -> None:
    ours, theirs = ball(5, 9, 12, 4.2), ball(6, 11, 9, 4.8)
    said = voice(("liver",), Found("liver", ours))
    dice, apart = compare_volume(said, [drawn("liver", theirs)], Known(), MM)
    shared = (ours & theirs).sum()
    assert dice["number"] == pytest.approx(2 * shared / (ours.sum() + theirs.sum()), abs=1e-6)
    expected = _hausdorff95(ours, theirs)  # by every pair of outline voxels
    assert apart["number"] == pytest.approx(expected, abs=1e-6)
    assert (dice["measure"], dice["unit"]) == ("agreement-dice@1", "1")
    assert (apart["measure"], apart["unit"]) == ("agreement-hd95@1", "mm")
    assert (dice["label"], dice["producer"], dice["region_ids"]) == (
        "liver",
        "deep@1",
        ["vreg-liver"],
    )
    assert (dice["slices"], dice["rows"], dice["columns"]) == ([1, 10], [5, 14], [8, 17])
    *_, apart = compare_volume(said, [drawn("liver", theirs)], Known(), None)
    assert apart["unit"] == "voxels"


def test_lobes_together_are_compared_with_the_lung() -> None:
    upper, lower = ball(3, 10, 8, 3), ball(8, 10, 8, 3)
    names = ("upper lobe of the left lung", "lower lobe of the left lung")
    said = voice(("left lung", "right lung"), Found("left lung", upper | lower))
    dice, *_ = compare_volume(
        said, [drawn(n, m) for n, m in zip(names, (upper, lower), strict=True)], Known(), MM
    )
    assert (dice["label"], dice["number"]) == ("left lung", 1.0)
    assert dice["region_ids"] == [f"vreg-{n}" for n in names]


def test_a_miss_is_nought_and_a_find_where_there_is_none_is_told() -> None:
    said = voice(("liver", "polyp"), Found("polyp", ball(5, 9, 12, 2)))
    rows = compare_volume(
        said, [drawn("liver", ball(5, 9, 12, 4))], Known(absent=frozenset({"polyp"})), MM
    )
    assert [(r["label"], r["measure"], r["number"]) for r in rows] == [
        ("liver", "agreement-dice@1", 0.0),
        ("polyp", "found-where-absent@1", 0.0),
    ]
    assert rows[0]["slices"] is None
    assert (rows[1]["slices"], rows[1]["region_ids"]) == ([3, 8], [])


def test_an_expert_looks_where_all_is_drawn_only_to_be_compared(register, tmp_path) -> None:
    deep = Deep("deep")
    register(deep)
    known = Known(frozenset({"lung", "trachea"}))
    out = ground_volume(scan(), known, routes(tmp_path, "deep"), compare=True)
    assert (deep.asked, out.found, out.looks, out.faults) == (1, [], [], [])
    assert [one.label for one in out.compared[0].found] == ["lung", "trachea"]


def test_what_was_refused_is_not_compared_and_is_known_as_unseen(register, tmp_path) -> None:
    register(Deep("deep", said=Refusal("expert_input_missing", "no spacing")), Deep("spare"))
    known = Known(frozenset({"lung"}))
    out = ground_volume(scan(), known, routes(tmp_path, "deep"), compare=True)
    assert out.compared == []
    assert out.looks == [
        {"expert": "deep@1", "labels": ["trachea"], "reason": "expert_input_missing"}
    ]
    out = ground_volume(scan(), known, routes(tmp_path, "deep", fallback="spare"), compare=True)
    assert [(one["expert"], one["reason"]) for one in out.looks] == [("spare@1", None)]
    assert [one.card.name for one in out.compared] == ["spare"]


def test_nothing_found_is_an_answer(register, tmp_path) -> None:
    register(Deep("deep", said=[]))
    out = ground_volume(scan(), Known(), routes(tmp_path, "deep"))
    assert [one["reason"] for one in out.looks] == [None]
    assert [f.reason for _, f in out.faults] == ["expert_found_nothing"]
