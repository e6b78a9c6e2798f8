import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis.extra.numpy import array_shapes, arrays
from pycocotools import mask as coco
from scipy import ndimage

from transforms.regions.patch import bytes_of, components, patch_of, patch_of_rle

MASKS = arrays(bool, array_shapes(min_dims=2, max_dims=2, max_side=14))


@settings(max_examples=300, deadline=None)
@given(MASKS)
def test_patch_agrees_with_pycocotools(mask: np.ndarray) -> None:
    patch = patch_of(mask)
    if patch is None:
        assert not mask.any()
        return
    reference = coco.encode(np.asfortranarray(mask.astype(np.uint8)))
    assert patch.rle == {"size": list(mask.shape), "counts": reference["counts"].decode()}
    decoded = coco.decode(bytes_of(patch.rle))
    assert np.array_equal(decoded, mask)
    assert patch.area_fraction == decoded.mean()
    x, y, w, h = coco.toBbox(reference).tolist()
    assert patch.box == [x, y, x + w, y + h]
    x0, y0, x1, y1 = patch.box
    assert 0 <= x0 < x1 <= mask.shape[1]
    assert 0 <= y0 < y1 <= mask.shape[0]
    again = patch_of_rle(patch.rle)
    assert again is not None
    assert (again.box, again.count) == (patch.box, patch.count)
    row, column = ndimage.center_of_mass(mask)
    assert patch.centroid == pytest.approx((column + 0.5, row + 0.5))


@settings(max_examples=100, deadline=None)
@given(MASKS)
def test_components_are_those_of_scipy(mask: np.ndarray) -> None:
    patch = patch_of(mask)
    parts = components(patch) if patch else []
    labels, number = ndimage.label(mask, np.ones((3, 3)))
    assert len(parts) == number
    assert sorted(p.count for p in parts) == sorted(np.bincount(labels.ravel())[1:].tolist())
    assert [(p.top, p.left) for p in parts] == sorted((p.top, p.left) for p in parts)
    total = sum(
        (coco.decode(bytes_of(p.rle)).astype(int) for p in parts), np.zeros(mask.shape, int)
    )
    assert np.array_equal(total, mask.astype(int))


def test_a_run_over_the_foot_of_a_column_is_one_run() -> None:
    mask = np.zeros((4, 3), bool)
    mask[2:, 0] = mask[:2, 1] = True  # in column-major order one run of four
    patch = patch_of(mask)
    assert patch is not None
    assert patch.rle["counts"] == coco.encode(np.asfortranarray(mask, np.uint8))["counts"].decode()


def test_any_value_but_zero_is_inside() -> None:
    mask = np.zeros((5, 7), np.uint16)
    mask[1, 2:5] = 256  # a cast to 8 bit would lose it
    patch = patch_of(mask)
    assert patch is not None
    assert patch.box == [2, 1, 5, 2]
    assert not patch.touches_border


@pytest.mark.parametrize(("row", "column"), [(0, 3), (5, 3), (2, 0), (2, 8)])
def test_each_border_is_noticed(row: int, column: int) -> None:
    mask = np.zeros((6, 9), bool)
    mask[row, column] = True
    patch = patch_of(mask)
    assert patch is not None
    assert patch.touches_border
