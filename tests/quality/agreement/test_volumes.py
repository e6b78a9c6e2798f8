"""Masks of volumes: distances in three axes, against SimpleITK."""

import numpy as np
import pytest
import SimpleITK as sitk

from quality.agreement.overlap import dice, iou
from quality.agreement.surface import distance

SPACING = (5.0, 1.5, 0.7)  # mm between slices, rows, columns


def ellipsoid(center: tuple[float, ...], half: tuple[float, ...]) -> np.ndarray:
    at = np.indices((18, 40, 70)) * np.reshape(SPACING, (3, 1, 1, 1))
    return sum(((at[a] - center[a]) / half[a]) ** 2 for a in range(3)) <= 1


FOUND = ellipsoid((40, 28, 24), (28, 19, 17)) | ellipsoid((70, 10, 40), (6, 3, 3))
TRUTH = ellipsoid((46, 31, 21), (24, 21, 15))


def image(mask: np.ndarray) -> sitk.Image:
    made = sitk.GetImageFromArray(mask.astype(np.uint8))
    made.SetSpacing(SPACING[::-1])
    return made


def from_outline(one: np.ndarray, other: np.ndarray) -> np.ndarray:
    """Distances of the outline of one mask to that of the other, by SimpleITK's contours and maps."""
    mine, theirs = (sitk.LabelContour(image(m), fullyConnected=False) for m in (one, other))
    away = sitk.SignedMaurerDistanceMap(theirs, squaredDistance=False, useImageSpacing=True)
    return np.abs(sitk.GetArrayFromImage(away))[sitk.GetArrayFromImage(mine) > 0]


def test_distances_are_those_of_simpleitk() -> None:
    ours = distance(FOUND, TRUTH, SPACING)
    there, back = from_outline(FOUND, TRUTH), from_outline(TRUTH, FOUND)
    assert ours is not None
    assert ours.unit == "mm"
    assert ours.hausdorff95 == pytest.approx(
        max(np.percentile(there, 95), np.percentile(back, 95)), rel=1e-5
    )
    assert ours.mean == pytest.approx(np.concatenate([there, back]).mean(), rel=1e-5)


def test_overlap_is_that_of_simpleitk() -> None:
    measures = sitk.LabelOverlapMeasuresImageFilter()
    measures.Execute(image(FOUND), image(TRUTH))
    assert dice(FOUND, TRUTH) == pytest.approx(measures.GetDiceCoefficient())
    assert iou(FOUND, TRUTH) == pytest.approx(measures.GetJaccardCoefficient())


@pytest.mark.parametrize("axis", [0, 1, 2])
def test_each_axis_has_its_own_step(axis: int) -> None:
    one = np.zeros((9, 9, 9), bool)
    one[4, 4, 4] = True
    apart = distance(one, np.roll(one, 2, axis=axis), SPACING)
    assert apart is not None
    assert apart.mean == pytest.approx(2 * SPACING[axis])
    bare = distance(one, np.roll(one, 2, axis=axis))
    assert bare is not None
    assert (bare.mean, bare.unit) == (2, "voxels")


def test_a_spacing_of_another_number_of_axes_is_wrong() -> None:
    with pytest.raises(ValueError, match="each axis"):
        distance(FOUND, TRUTH, SPACING[1:])
