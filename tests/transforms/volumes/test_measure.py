"""Measures in 3-D against SimpleITK and against brute force, on voxels of three different sides."""

from collections.abc import Callable

import numpy as np
import pytest
import SimpleITK as sitk

from transforms.formats.structures import Structure
from transforms.volumes.measure import hu_of, longest_diameter, measure

SHAPE, SPACING = (9, 14, 20), (5.0, 1.5, 0.75)


def lumps(seed: int) -> np.ndarray:
    """A random connected-looking lump: noise, smoothed, thresholded."""
    from scipy import ndimage

    field = ndimage.gaussian_filter(np.random.default_rng(seed).random(SHAPE), 1.5)
    return np.asarray(field > np.quantile(field, 0.8))


def brute_force(mask: np.ndarray) -> float:
    """Longest distance between centres of any two outer faces, over all pairs of voxels."""
    at = np.argwhere(mask) * np.array(SPACING)
    faces = np.concatenate(
        [at + s * np.eye(3)[k] * SPACING[k] / 2 for k in range(3) for s in (-1, 1)]
    )
    return float(max(np.linalg.norm(faces - one, axis=1).max() for one in faces))


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_simple_itk_agrees(shape_of: Callable[..., Structure], seed: int) -> None:
    mask = lumps(seed)
    image = sitk.GetImageFromArray(mask.astype(np.uint8))
    image.SetSpacing(SPACING[::-1])
    shape = sitk.LabelShapeStatisticsImageFilter()
    shape.ComputeFeretDiameterOn()
    shape.Execute(image)
    found = measure(shape_of(mask), SPACING)
    assert found.voxels == shape.GetNumberOfPixels(1)
    assert found.volume_ml == pytest.approx(shape.GetPhysicalSize(1) / 1000)
    mm = np.array(found.centroid)[::-1] * SPACING[::-1]
    assert mm == pytest.approx(shape.GetCentroid(1), abs=1e-4)
    c0, r0, s0, width, height, depth = shape.GetBoundingBox(1)
    assert found.span == ((s0, s0 + depth), (r0, r0 + height), (c0, c0 + width))
    assert found.extent_mm == (depth * 5.0, height * 1.5, width * 0.75)
    # ITK measures between voxel centres; from face to face is longer by a voxel's side at most
    assert shape.GetFeretDiameter(1) < found.longest_mm <= shape.GetFeretDiameter(1) + max(SPACING)


@pytest.mark.parametrize("seed", [1, 4])
def test_longest_diameter_of_all_pairs(seed: int) -> None:
    mask = lumps(seed)
    mask[:, :, 9:] = False  # few enough for every pair
    assert longest_diameter(mask, SPACING) == pytest.approx(brute_force(mask))


@pytest.mark.parametrize(
    ("place", "longest"),
    [
        (np.s_[3, 4, 5], 5.0),  # one voxel: its longest side
        (np.s_[3, 4, 5:9], 3.0),  # a row, wide as four columns... and a slice is thicker
        (np.s_[3, 2:9, 5], 10.5),
        (np.s_[1:8, 4, 5], 35.0),
    ],
)
def test_longest_diameter_of_a_point_and_of_lines(place: tuple, longest: float) -> None:
    mask = np.zeros(SHAPE, bool)
    mask[place] = True
    assert longest_diameter(mask, SPACING) == pytest.approx(brute_force(mask))
    assert longest_diameter(mask, SPACING) >= longest


def test_a_flat_structure_has_a_length(bars: np.ndarray) -> None:
    flat = bars.copy()
    flat[3:] = False
    assert longest_diameter(flat, SPACING) == pytest.approx(brute_force(flat))


def test_without_spacing_only_voxels_are_counted(
    shape_of: Callable[..., Structure], bars: np.ndarray
) -> None:
    found = measure(shape_of(bars), None)
    assert (found.volume_ml, found.extent_mm, found.longest_mm) == (None, None, None)
    assert found.span == ((2, 7), (3, 9), (4, 16))
    assert found.voxels == int(bars.sum())


def test_hu_of_its_own_voxels(shape_of: Callable[..., Structure], bars: np.ndarray) -> None:
    values = np.random.default_rng(3).normal(-500, 5, SHAPE)
    inside = np.arange(bars.sum(), dtype=float) * 3 - 7
    values[bars] = inside
    found = hu_of(shape_of(bars), values)
    assert found is not None
    assert found["mean"] == pytest.approx(inside.mean())
    assert found["sd"] == pytest.approx(inside.std())
    assert [found[k] for k in ("p5", "median", "p95")] == pytest.approx(
        np.quantile(inside, [0.05, 0.5, 0.95])
    )
    values[bars] = np.nan
    assert hu_of(shape_of(bars), values) is None
