"""A volume at a coarser grid and back: whole-body methods need millimetres, not every voxel.

The coarse grid is made of blocks of whole voxels, so that its voxel (i, j, k) is exactly the block
[i * f0 : (i + 1) * f0, ...] of the volume; the last block of an axis may reach beyond the edge.
"""

from dataclasses import dataclass

import numpy as np

Spacing = tuple[float, float, float]
Box = tuple[slice, slice, slice]


@dataclass(frozen=True)
class Coarse:
    """values [s, h, w] float32 block means; spacing_mm of the blocks; factors: voxels a block, by axis."""

    values: np.ndarray
    spacing_mm: Spacing
    factors: tuple[int, int, int]

    def up(self, mask: np.ndarray, shape: tuple[int, ...]) -> np.ndarray:
        """A mask of this grid in the grid of the volume, blocks as they are."""
        for axis, factor in enumerate(self.factors):
            if factor > 1:
                mask = np.repeat(mask, factor, axis=axis)
        return mask[: shape[0], : shape[1], : shape[2]]

    def down(self, mask: np.ndarray) -> np.ndarray:
        """Blocks that hold any voxel of a mask of the volume."""
        for axis, factor in enumerate(self.factors):
            mask = np.logical_or.reduceat(mask, np.arange(0, mask.shape[axis], factor), axis=axis)
        return np.asarray(mask)


def coarse(values: np.ndarray, spacing_mm: Spacing, least_mm: float) -> Coarse:
    """Block means whose sides are nearest to `least_mm`; an axis that is coarser already is left alone.

    A block at the far edge is the mean of what it holds. One slab is in memory at a time.
    """
    wanted = [max(1, round(least_mm / step)) for step in spacing_mm]
    factors = (wanted[0], wanted[1], wanted[2])
    steps = (
        spacing_mm[0] * factors[0],
        spacing_mm[1] * factors[1],
        spacing_mm[2] * factors[2],
    )
    if factors == (1, 1, 1):
        return Coarse(np.asarray(values, np.float32), steps, factors)
    starts = [np.arange(0, n, f) for n, f in zip(values.shape, factors, strict=True)]
    out = np.empty([len(s) for s in starts], np.float32)
    counts = [np.diff(np.append(s, n)) for s, n in zip(starts, values.shape, strict=True)]
    for i, first in enumerate(starts[0]):
        slab = values[first : first + factors[0]].sum(axis=0, dtype=np.float32)
        slab = np.add.reduceat(np.add.reduceat(slab, starts[1], axis=0), starts[2], axis=1)
        out[i] = slab / (counts[0][i] * np.outer(counts[1], counts[2]))
    return Coarse(out, steps, factors)


def refined(grid: Coarse, rough: np.ndarray, inside: np.ndarray, reach: int = 1) -> np.ndarray:
    """A coarse mask with its border drawn in the grid of the volume.

    rough   mask of the coarse grid
    inside  [S, H, W] bool: voxels that are of the structure by their own value
    reach   blocks on either side of the coarse border in which `inside` decides

    What the coarse mask holds by its shape alone (a vessel closed over) stays where `inside` denies it
    only within the border's own blocks. Where grid and volume are one, the coarse mask is the answer.
    """
    if grid.factors == (1, 1, 1):
        return rough
    from scipy.ndimage import binary_dilation, binary_erosion

    core = binary_erosion(rough, iterations=reach, border_value=1)
    near = binary_dilation(rough, iterations=reach)
    shape = inside.shape
    return grid.up(core, shape) | (grid.up(near, shape) & inside)


def box_of(mask: np.ndarray, margin: int = 0) -> Box:
    """The smallest box around a mask that is not empty, `margin` voxels wider where there is room."""
    sides = []
    for axis, length in enumerate(mask.shape):
        others = tuple(a for a in range(mask.ndim) if a != axis)
        at = np.flatnonzero(mask.any(axis=others))
        sides.append(slice(max(0, int(at[0]) - margin), min(length, int(at[-1]) + 1 + margin)))
    return sides[0], sides[1], sides[2]
