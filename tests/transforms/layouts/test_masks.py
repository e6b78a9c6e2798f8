"""Mask images: thresholds, colours and their blends, label maps, outlines, crops."""

import cv2
import numpy as np
import pytest
from skimage.draw import ellipse, ellipse_perimeter

from schemas.declaration.annotations import Mask
from schemas.reject import Fault
from transforms.layouts.masks import annotations_of, binary, filled_outline, placed, same_size


def reader(**keys: object) -> Mask:
    return Mask.model_validate({"reader": "mask", "file": "m.png", **keys})


def colored(
    *parts: tuple[slice, slice, tuple[int, int, int]], size: tuple[int, int] = (40, 60)
) -> np.ndarray:
    mask = np.zeros((*size, 3), np.uint8)
    for rows, columns, color in parts:
        mask[rows, columns] = color
    return mask


def test_threshold_is_inclusive_and_alpha_does_not_count() -> None:
    mask = np.zeros((4, 6, 4), np.uint8)
    mask[..., 3] = 255
    mask[1, 2:5, 0] = (127, 128, 255)
    assert np.argwhere(binary(mask, 128)).tolist() == [[1, 3], [1, 4]]


def test_an_empty_mask_is_a_fault() -> None:
    with pytest.raises(Fault, match="mask_empty"):
        binary(np.zeros((4, 6), np.uint8), 1)


def test_jpeg_noise_does_not_change_a_thresholded_mask() -> None:
    truth = np.zeros((64, 96), np.uint8)
    truth[ellipse(30, 40, 17, 25)] = 255
    noisy = cv2.imdecode(cv2.imencode(".jpg", truth, [cv2.IMWRITE_JPEG_QUALITY, 90])[1], 0)
    assert len(np.unique(noisy)) > 10
    found = annotations_of(reader(label="polyp", threshold=128), noisy, {})[0].mask
    assert np.mean(found != (truth > 0)) < 0.002


def test_colors_become_labels() -> None:
    mask = colored(
        (slice(2, 8), slice(3, 9), (255, 0, 0)), (slice(20, 30), slice(40, 55), (0, 255, 0))
    )
    found = annotations_of(reader(colors={"#ff0000": "m", "#00ff00": "b"}), mask, {})
    assert {a.label: int(a.mask.sum()) for a in found} == {"m": 36, "b": 150}
    assert not found[0].mask[:, 20:].any()


def test_two_colors_of_one_label_are_one_mask() -> None:
    mask = colored(
        (slice(0, 4), slice(0, 4), (255, 0, 0)), (slice(10, 12), slice(10, 12), (0, 255, 0))
    )
    found = annotations_of(reader(colors={"#ff0000": "x", "#00ff00": "x"}), mask, {})
    assert [(a.label, int(a.mask.sum())) for a in found] == [("x", 20)]


def test_an_undeclared_color_is_a_fault_that_names_it() -> None:
    mask = colored(
        (slice(0, 4), slice(0, 4), (255, 0, 0)), (slice(9, 12), slice(9, 12), (0, 0, 255))
    )
    with pytest.raises(Fault, match=r"mask_value_undeclared.*9 px.*#0000ff"):
        annotations_of(reader(colors={"#ff0000": "m"}), mask, {})


def test_resized_colors_need_mixed_edges_and_keep_their_area() -> None:
    mask = colored((slice(8, 24), slice(10, 40), (255, 255, 0)))
    big = cv2.resize(mask, (150, 100), interpolation=cv2.INTER_LINEAR)
    assert len(np.unique(big[..., 0])) > 2
    with pytest.raises(Fault, match="mask_value_undeclared"):
        annotations_of(reader(colors={"#ffff00": "t"}), big, {})
    found = annotations_of(reader(colors={"#ffff00": "t"}, edges="mixed"), big, {})[0].mask
    assert found.sum() == pytest.approx(16 * 30 * 2.5**2, rel=0.02)


def test_mixed_edges_do_not_let_a_foreign_color_pass() -> None:
    mask = colored(
        (slice(0, 10), slice(0, 10), (255, 255, 0)), (slice(20, 30), slice(0, 10), (0, 0, 255))
    )
    with pytest.raises(Fault, match="mask_value_undeclared"):
        annotations_of(reader(colors={"#ffff00": "t"}, edges="mixed"), mask, {})


def test_a_declared_share_of_stray_pixels_is_forgiven() -> None:
    mask = colored(
        (slice(0, 20), slice(0, 50), (255, 0, 0)), (slice(30, 31), slice(0, 10), (0, 0, 255))
    )
    assert (
        annotations_of(reader(colors={"#ff0000": "m"}, stray=0.02), mask, {})[0].mask.sum() == 1000
    )
    with pytest.raises(Fault, match="mask_value_undeclared"):
        annotations_of(reader(colors={"#ff0000": "m"}, stray=0.005), mask, {})


def test_label_map_values() -> None:
    mask = np.zeros((10, 12), np.uint16)
    mask[1:3, 1:5], mask[6:9, 2:4] = 300, 7  # 300: 8-bit arithmetic would lose it
    found = annotations_of(reader(values={300: "liver", 7: "spleen", 9: "colon"}), mask, {})
    assert [(a.label, int(a.mask.sum()), a.instance) for a in found] == [
        ("liver", 8, None),
        ("spleen", 6, None),
    ]
    with pytest.raises(Fault, match=r"mask_value_undeclared.*300"):
        annotations_of(reader(values={7: "spleen"}), mask, {})


def test_instances_touching_each_other_stay_apart() -> None:
    mask = np.zeros((10, 12), np.uint16)
    mask[2:5, 2:5], mask[2:5, 5:8] = 4, 260
    found = annotations_of(reader(label="nucleus", instances=True), mask, {})
    assert [(a.label, a.instance, int(a.mask.sum())) for a in found] == [
        ("nucleus", "4", 9),
        ("nucleus", "260", 9),
    ]


def test_label_may_come_from_a_column() -> None:
    mask = np.full((3, 3), 255, np.uint8)
    assert annotations_of(reader(label="{class}"), mask, {"class": "benign"})[0].label == "benign"
    with pytest.raises(Fault, match="value_unmapped"):
        annotations_of(reader(label="{class}"), mask, {"class": ""})


@pytest.mark.parametrize("gap", [0, 3])
def test_an_outline_is_filled(gap: int) -> None:
    line = np.zeros((120, 160), bool)
    line[ellipse_perimeter(60, 80, 40, 60)] = True
    if gap:
        line[58 : 58 + gap, :40] = False  # a break in the line
    truth = np.zeros_like(line)
    truth[ellipse(60, 80, 40.5, 60.5)] = True
    assert np.mean(filled_outline(line) != truth) < 0.005


def test_an_open_line_is_no_outline() -> None:
    line = np.zeros((60, 80), bool)
    line[10:50, 40] = True
    with pytest.raises(Fault, match="annotation_malformed"):
        filled_outline(line)


def test_a_crop_is_placed_at_column_left_row_top() -> None:
    mask = placed(np.array([[1, 0, 1], [0, 1, 0]], bool), left=5, top=2, shape=(6, 9))
    assert np.argwhere(mask).tolist() == [[2, 5], [2, 7], [3, 6]]
    with pytest.raises(Fault, match="box_outside_image"):
        placed(np.ones((2, 3), bool), left=7, top=2, shape=(6, 9))


def test_sizes_are_rows_then_columns() -> None:
    same_size(np.zeros((4, 9, 3)), (4, 9))
    with pytest.raises(Fault, match="mask_size_differs: mask 9 x 4, image 4 x 9"):
        same_size(np.zeros((4, 9)), (9, 4))
