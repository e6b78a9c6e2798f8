"""The planes a canonical grid [H, P, L] is cut in, and how a cut is turned for display."""

import numpy as np

from transforms.picture import CutOf

PLANE_AXIS = {"acquired": 0, "axial": 0, "coronal": 1, "sagittal": 2}
"""The axis each plane is cut across; "acquired" is across the slices of a stack as stored."""

PLANE_LETTERS = {"axial": "L\\P", "coronal": "L\\F", "sagittal": "P\\F"}
"""Patient letters of +column and +row of a cut as shown: the patient's right is at the left of
axial and coronal cuts (radiological convention), the front at the left of sagittal ones."""


def shown(cut: np.ndarray, plane: str) -> np.ndarray:
    """A 2-D cut of a canonical grid as displayed: coronal and sagittal cuts have the head up."""
    return np.ascontiguousarray(cut[::-1] if plane in ("coronal", "sagittal") else cut)


def slice_spacing(spacing: tuple[float, float, float], plane: str) -> tuple[float, float, float]:
    """(between slices, between rows, between columns) of a plane of the grid, mm."""
    axis = PLANE_AXIS[plane]
    rows, columns = (a for a in range(3) if a != axis)
    return spacing[axis], spacing[rows], spacing[columns]


def cut_of(volume: str, plane: str, index: int, stack: tuple[int, ...] = ()) -> CutOf:
    """How slice `index` of a plane of a canonical grid is shown, in the terms of `CutOf`."""
    axis = PLANE_AXIS[plane]
    y, x = (a for a in range(3) if a != axis)
    return CutOf(volume, axis, index, y, x, (plane in ("coronal", "sagittal"), False), stack)


def cut_again(grid: np.ndarray, cut: CutOf) -> np.ndarray:
    """[H, W]: the cut of a canonical grid as the picture shows it."""
    taken = np.take(grid, cut.index, axis=cut.axis)  # its axes: the two others, ascending
    turned = taken if cut.y < cut.x else np.swapaxes(taken, 0, 1)
    steps = tuple(slice(None, None, -1) if flip else slice(None) for flip in cut.flips)
    return np.ascontiguousarray(turned[steps])
