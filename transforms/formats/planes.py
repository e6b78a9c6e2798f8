"""The planes a canonical grid [H, P, L] is cut in, and how a cut is turned for display."""

import numpy as np

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
