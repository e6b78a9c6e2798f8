"""How large a structure is in 3-D, where it lies, and the HU of its voxels.

Lengths run between outer faces of voxels, as those of regions do between outer edges of pixels: a
single voxel of 2 x 1 x 1 mm is 2 mm long, not 0.
"""

from dataclasses import dataclass
from itertools import pairwise

import cv2
import numpy as np

from transforms.formats.structures import Structure

PLACES = 6  # decimals kept: below any meaning, above the last bits in which two machines may differ
PAIRS_AT_ONCE = 1 << 20


@dataclass(frozen=True)
class Measures:
    """What is measured of one structure; lengths and volume are None where the spacing is unknown.

    span       ((first, last + 1), ...) along slices, rows, columns
    centroid   mean index (s, r, c) of voxel centres
    extent_mm  outer size along slices, rows, columns
    longest_mm longest straight line between outer faces, in any direction
    """

    voxels: int
    span: tuple[tuple[int, int], tuple[int, int], tuple[int, int]]
    centroid: tuple[float, float, float]
    volume_ml: float | None
    extent_mm: tuple[float, float, float] | None
    longest_mm: float | None


def measure(structure: Structure, spacing_mm: tuple[float, float, float] | None) -> Measures:
    """Measure a structure. `spacing_mm`: (between slices, rows, columns)."""
    mask = structure.mask
    voxels = int(np.count_nonzero(mask))
    span = tuple(_span(mask, axis, structure.start[axis]) for axis in range(3))
    centroid = tuple(_mean_index(mask, axis, structure.start[axis], voxels) for axis in range(3))
    volume = extent = longest = None
    if spacing_mm is not None:
        volume = round(voxels * float(np.prod(spacing_mm)) / 1000.0, PLACES)
        extent = tuple(
            round((b - a) * mm, PLACES) for (a, b), mm in zip(span, spacing_mm, strict=True)
        )
        longest = round(longest_diameter(mask, spacing_mm), PLACES)
    return Measures(voxels, span, centroid, volume, extent, longest)  # type: ignore[arg-type]


def _span(mask: np.ndarray, axis: int, start: int) -> tuple[int, int]:
    marked = np.flatnonzero(_along(mask, axis))
    return start + int(marked[0]), start + int(marked[-1]) + 1


def _mean_index(mask: np.ndarray, axis: int, start: int, voxels: int) -> float:
    counts = _along(mask, axis)
    return round(start + float(counts @ np.arange(len(counts))) / voxels, PLACES)


def _along(mask: np.ndarray, axis: int) -> np.ndarray:
    """[n] voxels in each plane across `axis`."""
    return np.count_nonzero(mask, axis=tuple(a for a in range(3) if a != axis))


def longest_diameter(mask: np.ndarray, spacing_mm: tuple[float, float, float]) -> float:
    """The 3-D Feret diameter of a mask [S, H, W] bool, mm, between outer faces.

    The farthest voxel centres are corners of the convex hull. A voxel reaches half its size along
    each axis beyond its centre, so the line between the outermost face centres of two voxels d apart is
    the longest of |d + s_k| over the axes k.
    """
    from scipy.spatial.distance import cdist

    mm = np.array(spacing_mm)
    places = _hull_points(mask) * mm
    rows = max(1, PAIRS_AT_ONCE // len(places))
    farthest = longest = 0.0
    for first, last in pairwise([*range(0, len(places), rows), len(places)]):
        centres = cdist(places[first:last], places)
        farthest = max(farthest, float(centres.max()))
        near = np.argwhere(centres >= farthest - mm.max())  # no other pair can win by its faces
        apart = np.abs(places[first + near[:, 0]] - places[near[:, 1]])
        squares = (apart**2).sum(axis=1)[:, None] + 2 * apart * mm + mm**2
        longest = max(longest, float(squares.max(initial=0.0)))
    return longest**0.5


def _hull_points(mask: np.ndarray) -> np.ndarray:
    """[N, 3] indices of voxels among which are all corners of the convex hull."""
    from scipy.spatial import ConvexHull, QhullError

    slices, rows = np.nonzero(mask.any(axis=2))
    lines = mask[slices, rows]  # only the ends of a line of voxels can be corners
    ends = np.column_stack(
        [lines.argmax(axis=1), lines.shape[1] - 1 - lines[:, ::-1].argmax(axis=1)]
    )
    points = []
    for index in np.unique(slices):
        of = slices == index
        flat = np.column_stack([np.repeat(rows[of], 2), ends[of].ravel()]).astype(np.int32)
        hull = cv2.convexHull(flat)[:, 0]
        points.append(np.column_stack([np.full(len(hull), index), hull]))
    every = np.concatenate(points)
    try:
        return np.asarray(every[ConvexHull(every).vertices])
    except (QhullError, ValueError):  # flat, a line, a point, or fewer than four of them
        return every


def hu_of(structure: Structure, values: np.ndarray) -> dict[str, float] | None:
    """Mean, standard deviation (of the population) and percentiles of a structure's voxels.

    values  [S, H, W] HU on the structure's grid. Voxels that are no number are left out; None where
    there is no other.
    """
    crop = tuple(
        slice(a, a + n) for a, n in zip(structure.start, structure.mask.shape, strict=True)
    )
    inside = values[crop][structure.mask]  # in their own type: of a body these are many
    if inside.dtype.kind == "f" and not (finite := np.isfinite(inside)).all():
        inside = inside[finite]
    if not inside.size:
        return None
    mean = float(inside.mean(dtype=np.float64))
    p5, median, p95 = (float(p) for p in np.percentile(inside, (5, 50, 95)))
    told = {"mean": mean, "sd": _spread(inside, mean), "p5": p5, "median": median, "p95": p95}
    return {name: round(number, PLACES) for name, number in told.items()}


def _spread(values: np.ndarray, mean: float) -> float:
    """Standard deviation of the population, a piece at a time."""
    pieces = (values[i : i + PAIRS_AT_ONCE] for i in range(0, values.size, PAIRS_AT_ONCE))
    total = sum(float(((piece.astype(np.float64) - mean) ** 2).sum()) for piece in pieces)
    return (total / values.size) ** 0.5
