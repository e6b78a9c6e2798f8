"""Affine maps of voxel grids: orientation letters, canonical axis order, shear and tilt.

Index order is (s, r, c) = (slice, row, column); patient space is LPS+ in mm.
"""

import numpy as np

_POSITIVE = "LPH"  # +x, +y, +z of LPS
_NEGATIVE = "RAF"
OBLIQUE_DEGREES = 5.0  # beyond this the plane's name is only approximately true
ANISOTROPIC_RATIO = 1.05  # sides of a pixel that differ more distort shapes as shown


def anisotropic(spacing_mm: tuple[float, float]) -> bool:
    """Whether a pixel is so far from square that shapes are distorted as shown."""
    return max(spacing_mm) > ANISOTROPIC_RATIO * min(spacing_mm)


def axis_order(affine: np.ndarray) -> tuple[tuple[int, int, int], tuple[bool, bool, bool]]:
    """Which grid axis runs most nearly along H, P, L, and whether it runs against it.

    Returns (axes, flips), both in the order (H, P, L): `values.transpose(axes)` with the axes of
    true `flips` reversed runs foot to head, front to back, right to left. The assignment is
    one-to-one also for oblique grids. Source: nibabel.orientations.io_orientation.
    """
    from nibabel.orientations import io_orientation

    order = io_orientation(affine)  # row i: (patient axis of grid axis i, +1 | -1)
    axes, flips = [], []
    for patient_axis in (2, 1, 0):
        grid_axis = int(np.flatnonzero(order[:, 0] == patient_axis)[0])
        axes.append(grid_axis)
        flips.append(bool(order[grid_axis, 1] < 0))
    return (axes[0], axes[1], axes[2]), (flips[0], flips[1], flips[2])


def reorder(values: np.ndarray, axes: tuple[int, ...], flips: tuple[bool, ...]) -> np.ndarray:
    """A view of `values` with its first three axes in canonical order; further axes stay last."""
    moved = np.moveaxis(values, axes, (0, 1, 2))
    return moved[tuple(slice(None, None, -1) if flip else slice(None) for flip in flips)]


def reorder_affine(
    affine: np.ndarray, shape: tuple[int, ...], axes: tuple[int, ...], flips: tuple[bool, ...]
) -> np.ndarray:
    """The affine of `reorder(values, axes, flips)`; `shape` is that of `values`."""
    out = affine.copy()
    out[:, :3] = affine[:, list(axes)]
    for i, (axis, flip) in enumerate(zip(axes, flips, strict=True)):
        if flip:
            out[:3, 3] += out[:3, i] * (shape[axis] - 1)
            out[:3, i] *= -1
    return out


def letter(direction: np.ndarray) -> str:
    """The patient letter (R L A P H F) a direction points to most nearly."""
    axis = int(np.argmax(np.abs(direction)))
    return (_POSITIVE if direction[axis] > 0 else _NEGATIVE)[axis]


def orientation_letters(affine: np.ndarray) -> str:
    """Letters of the +column and +row directions, such as "L\\P". DICOM PS3.3 C.7.6.1.1.1."""
    return f"{letter(affine[:3, 2])}\\{letter(affine[:3, 1])}"


def plane_of(affine: np.ndarray) -> str:
    """axial | coronal | sagittal: the plane nearest to that of the rows and columns."""
    normal = np.abs(np.cross(affine[:3, 2], affine[:3, 1]))
    return ("sagittal", "coronal", "axial")[int(np.argmax(normal))]


def tilt_degrees(affine: np.ndarray) -> float:
    """Largest angle between a grid axis and the patient axis it runs along."""
    units = affine[:3, :3] / np.linalg.norm(affine[:3, :3], axis=0)
    axes, _ = axis_order(affine)
    cosines = [abs(units[p, g]) for p, g in zip((2, 1, 0), axes, strict=True)]
    return float(np.degrees(np.arccos(min(1.0, *cosines))))


def shear_degrees(affine: np.ndarray) -> float:
    """Largest deviation of two grid axes from a right angle."""
    units = affine[:3, :3] / np.linalg.norm(affine[:3, :3], axis=0)
    cosines = [abs(float(units[:, a] @ units[:, b])) for a, b in ((0, 1), (0, 2), (1, 2))]
    return float(np.degrees(np.arcsin(min(1.0, max(cosines)))))


def corners(shape: tuple[int, ...]) -> np.ndarray:
    """[8, 4] homogeneous indices of the outermost voxel centres."""
    last = [n - 1 for n in shape[:3]]
    grid = np.stack(np.meshgrid(*[(0, n) for n in last], indexing="ij"), axis=-1).reshape(-1, 3)
    return np.hstack([grid, np.ones((8, 1))]).astype(float)


def displacement_mm(first: np.ndarray, second: np.ndarray, shape: tuple[int, ...]) -> float:
    """The largest distance between the places two affines give to a corner voxel, mm."""
    points = corners(shape)
    return float(np.linalg.norm((points @ (first - second).T)[:, :3], axis=1).max())
