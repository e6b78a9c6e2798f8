import numpy as np
import pytest
from pycocotools import mask as coco
from scipy.ndimage import distance_transform_edt

from schemas.fact import Fact
from schemas.image import Image
from schemas.region import Region
from transforms.regions.nesting import shares_of
from transforms.regions.patch import bytes_of, patch_of
from transforms.regions.relate import MOST_COMPARED, compared, relate

SHAPE = (100, 160)


def image(spacing_mm: list[float] | None = None) -> Image:
    return Image(
        "img-1", {}, SHAPE[1], SHAPE[0], "CT", None, "s", "i", "p", None, None, None,
        spacing_mm, None, "", "", "CC0-1.0", "train",
    )  # fmt: skip


def region(
    name: str, mask: np.ndarray | None, *, kind: str = "lesion", label: str = "", box=()
) -> Region:
    """A region whose id is its name."""
    patch = patch_of(mask) if mask is not None else None
    box = patch.box if patch else list(box)
    area = patch.area_fraction if patch else (box[2] - box[0]) * (box[3] - box[1]) / 16000
    rle = patch.rle if patch else None
    return Region(
        name, label or name, kind, box, rle, area, "center", "unknown", None, None,
        "annotation:x@1", None, name, True,
    )  # fmt: skip


def rect(top: int, left: int, bottom: int, right: int) -> np.ndarray:
    mask = np.zeros(SHAPE, bool)
    mask[top:bottom, left:right] = True
    return mask


def told(facts: list[Fact], *kinds: str) -> list[tuple]:
    return [(f.subject, f.kind, f.object) for f in facts if not kinds or f.kind in kinds]


def test_the_smallest_container_is_the_parent() -> None:
    body = region("body", rect(0, 0, 100, 160), kind="tissue")
    liver = region("liver", rect(10, 10, 80, 90), kind="organ")
    cyst = region("cyst", rect(30, 30, 40, 40))
    parented, facts = relate(image(), [cyst, body, liver])
    assert [r.parent for r in parented] == ["liver", None, None]
    assert told(facts, "inside") == [("cyst", "inside", "liver"), ("cyst", "inside", "body")]


@pytest.mark.parametrize(("outside", "parent"), [(5, "liver"), (6, None)])
def test_inside_means_95_percent(outside: int, parent: str | None) -> None:
    liver = region("liver", rect(0, 0, 100, 100), kind="organ")
    lesion = region("lesion", rect(40, outside, 41, 100 + outside))  # 100 px in a row
    parented, facts = relate(image(), [lesion, liver])
    assert parented[0].parent == parent
    assert told(facts, "overlaps") == ([] if parent else [("lesion", "overlaps", "liver")])


def test_an_organ_is_never_inside_a_lesion_and_copies_are_no_parents() -> None:
    organ = region("organ", rect(40, 40, 50, 50), kind="organ")
    lesion = region("lesion", rect(30, 30, 70, 70))
    copy = region("copy", rect(30, 30, 70, 70), label="other")
    parented, _ = relate(image(), [organ, lesion, copy])
    assert [r.parent for r in parented] == [None, None, None]


def test_shares_are_those_of_the_masks() -> None:
    rng = np.random.default_rng(5)
    masks = [rng.random(SHAPE) > share for share in (0.2, 0.5, 0.9)]
    regions = [region(str(i), m) for i, m in enumerate(masks)]
    shares = shares_of(regions, SHAPE)
    for i, a in enumerate(masks):
        for j, b in enumerate(masks):
            assert shares[i, j] == pytest.approx((a & b).sum() / a.sum())
    iou = coco.iou(*[[bytes_of(r.mask) for r in regions]] * 2, [0] * 3)
    assert iou[0, 1] == pytest.approx((masks[0] & masks[1]).sum() / (masks[0] | masks[1]).sum())


@pytest.mark.parametrize("spacing", [None, [0.5, 0.25]])
def test_distance_is_that_of_a_distance_transform(spacing: list[float] | None) -> None:
    rows, columns = np.mgrid[: SHAPE[0], : SHAPE[1]]
    a = (rows - 20) ** 2 + (columns - 30) ** 2 <= 15**2
    b = (rows - 70) ** 2 / 100 + (columns - 120) ** 2 / 900 <= 1
    _, facts = relate(image(spacing), [region("a", a), region("b", b)])
    (distance,) = [f for f in facts if f.kind == "distance"]
    expected = distance_transform_edt(~a, sampling=spacing or 1.0)[b].min()
    assert distance.number == pytest.approx(expected, abs=1e-5)
    assert distance.unit == ("mm" if spacing else "px")
    assert (distance.subject, distance.object) == ("a", "b")  # the smaller one first


@pytest.mark.parametrize(
    ("left", "kind"), [(19, "overlaps"), (20, "adjacent"), (21, "adjacent"), (22, "distance")]
)
def test_contact(left: int, kind: str) -> None:
    a, b = region("a", rect(10, 10, 30, 20)), region("b", rect(10, left, 40, left + 20))
    _, facts = relate(image(), [b, a])
    assert told(facts, "overlaps", "adjacent", "distance") == [("a", kind, "b")]


@pytest.mark.parametrize(
    ("a", "b", "expected"),
    [
        # upper left and lower right of each other
        (rect(10, 10, 30, 30), rect(60, 60, 80, 80), {"left_of", "above"}),
        (rect(40, 10, 60, 30), rect(42, 100, 62, 120), {"left_of"}),
        (rect(10, 70, 30, 90), rect(70, 72, 90, 92), {"above"}),
        # boxes that share a little, centroids far apart
        (rect(10, 10, 60, 50), rect(10, 44, 60, 90), {"left_of"}),
        # centroids apart by more than a tenth, but one reaches far under the other
        (rect(10, 10, 30, 50), rect(40, 30, 60, 70), {"above"}),
        # beside and inside
        (rect(40, 20, 50, 30), rect(0, 0, 100, 150), set()),
    ],
)
def test_directions(a: np.ndarray, b: np.ndarray, expected: set[str]) -> None:
    _, facts = relate(image(), [region("a", a), region("b", b, kind="organ")])
    assert set(told(facts, "left_of", "above")) == {("a", kind, "b") for kind in expected}
    _, facts = relate(image(), [region("b", b, kind="organ"), region("a", a)])
    assert set(told(facts, "left_of", "above")) == {("a", kind, "b") for kind in expected}


def test_a_quarter_turn_turns_the_directions() -> None:
    a, b = rect(10, 5, 20, 25), rect(15, 100, 40, 130)
    turned = Image(**{**vars(image()), "width": SHAPE[0], "height": SHAPE[1]})
    _, facts = relate(turned, [region("a", np.rot90(a)), region("b", np.rot90(b))])
    assert told(facts, "left_of", "above") == [("b", "above", "a")]


@pytest.mark.parametrize(
    ("side", "kind", "larger"), [(11, "lesion", 1), (10, "lesion", 0), (30, "organ", 0)]
)
def test_larger_than(side: int, kind: str, larger: int) -> None:
    a, b = region("a", rect(0, 0, 10, 10)), region("b", rect(50, 50, 50 + side, 50 + 11), kind=kind)
    _, facts = relate(image(), [a, b])
    assert told(facts, "larger_than") == [("b", "larger_than", "a")][:larger]


def test_boxes_have_directions_and_sizes_but_no_contact() -> None:
    a, b = region("a", None, box=(10, 10, 30.5, 30)), region("b", None, box=(25, 60, 90, 90))
    organ = region("organ", rect(5, 5, 40, 40), kind="organ")
    parented, facts = relate(image(), [a, b, organ])
    assert told(facts) == [
        ("a", "inside", "organ"),
        ("a", "above", "b"),
        ("b", "larger_than", "a"),
        ("organ", "above", "b"),
    ]
    assert [r.parent for r in parented] == ["organ", None, None]


def test_nothing_is_known_to_lie_in_a_box() -> None:
    box = region("liver", None, kind="organ", box=(0, 0, 100, 90))
    parented, facts = relate(image(), [region("cyst", rect(10, 10, 20, 20)), box])
    assert parented[0].parent is None
    assert told(facts, "inside") == []


def test_many_regions_stay_bounded() -> None:
    def cell(i: int) -> Region:
        top, left = 4 * (i // 20), 8 * (i % 20)
        label = "nucleus" if i % 3 else "platelet"
        return region(f"c{i}", rect(top, left, top + 3, left + 1 + i % 7), kind="cell", label=label)

    cells = [cell(i) for i in range(130)]
    tissue = region("tissue", rect(0, 0, 100, 160), kind="tissue")
    chosen = compared([*cells, tissue])
    assert len(chosen) == MOST_COMPARED
    assert 130 in chosen
    parented, facts = relate(image(), [*cells, tissue])
    assert all(r.parent == "tissue" for r in parented[:-1])
    assert len(facts) < 130 + 66 * 4
    assert relate(image(), [*cells, tissue])[1] == facts


def test_no_regions() -> None:
    assert relate(image(), []) == ([], [])
