"""Morphology of [s, h, w] masks in millimetres, by distance maps: balls stay balls where voxels are oblong."""

from collections.abc import Iterator

import numpy as np

from expert_models.experts.volume.grid import Spacing, box_of


def depth_mm(mask: np.ndarray, spacing: Spacing) -> np.ndarray:
    """[s, h, w] float: distance of each voxel of the mask to the nearest outside it; 0 outside.

    What lies beyond the edge of the volume is unknown and counts as inside.
    """
    from scipy.ndimage import distance_transform_edt

    if mask.all():
        return np.full(mask.shape, np.inf)
    return np.asarray(distance_transform_edt(mask, sampling=spacing))


def grown(mask: np.ndarray, radius_mm: float, spacing: Spacing) -> np.ndarray:
    """Every voxel within the radius of the mask."""
    out = np.zeros_like(mask)
    if mask.any():
        box = box_of(mask, _voxels(radius_mm, spacing))
        out[box] = depth_mm(~mask[box], spacing) <= radius_mm
    return out


def shrunk(mask: np.ndarray, radius_mm: float, spacing: Spacing) -> np.ndarray:
    """Every voxel farther than the radius from what is outside the mask."""
    out = np.zeros_like(mask)
    if mask.any():
        box = box_of(mask, 1)
        out[box] = depth_mm(mask[box], spacing) > radius_mm
    return out


def opened(mask: np.ndarray, radius_mm: float, spacing: Spacing) -> np.ndarray:
    """Without what a ball of the radius does not fit into."""
    return grown(shrunk(mask, radius_mm, spacing), radius_mm, spacing) & mask


def closed(mask: np.ndarray, radius_mm: float, spacing: Spacing) -> np.ndarray:
    """With every gap that a ball of the radius does not fit into."""
    out = mask.copy()
    if mask.any():
        box = box_of(mask, 2 * _voxels(radius_mm, spacing) + 1)
        out[box] |= shrunk(grown(mask[box], radius_mm, spacing), radius_mm, spacing)
    return out


def each_part(mask: np.ndarray, least: int = 1, most: int | None = None) -> Iterator[np.ndarray]:
    """Its 6-connected parts of `least` voxels or more, largest first; of equal ones, the first stored.

    One at a time: hundreds of masks of a volume would not fit into memory.
    """
    from scipy.ndimage import label

    marks, count = label(mask)
    sizes = np.bincount(marks.ravel(), minlength=count + 1)[1:]
    order = [n for n in np.argsort(-sizes, kind="stable") if sizes[n] >= least]
    for n in order[:most]:
        yield marks == n + 1


def parts(mask: np.ndarray, most: int) -> list[np.ndarray]:
    """The `most` largest of `each_part`."""
    return list(each_part(mask, most=most))


def filled_slices(mask: np.ndarray) -> np.ndarray:
    """Holes of every slice along the first axis filled."""
    from scipy.ndimage import binary_fill_holes

    return np.stack([binary_fill_holes(one) for one in mask])


def volume_ml(mask: np.ndarray, spacing: Spacing) -> float:
    """Volume of a mask."""
    return float(np.count_nonzero(mask)) * float(np.prod(spacing)) / 1000.0


def dice(a: np.ndarray, b: np.ndarray) -> float:
    """Twice the shared volume over the sum of volumes; 1 where both are empty."""
    total = int(a.sum()) + int(b.sum())
    return 2.0 * int((a & b).sum()) / total if total else 1.0


def _voxels(radius_mm: float, spacing: Spacing) -> int:
    return int(np.ceil(radius_mm / min(spacing))) + 1
