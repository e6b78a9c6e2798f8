"""What is exported: regions of one volume, and the label layers that hold them."""

from dataclasses import dataclass, replace

import numpy as np

from schemas.reject import Fault
from transforms.formats.geometry import displacement_mm

GRID_TOLERANCE = (
    0.01  # of a voxel: how far a corner may lie off when one grid is turned into another
)


@dataclass(frozen=True)
class Marked:
    """One region of a volume.

    layer, value  where its voxels are: `layers[layer] == value`
    algorithm     "manual", "automatic" (a model or method drew it) or "semiautomatic" (not stated)
    """

    id: str
    layer: int
    value: int
    label: str
    kind: str
    side: str
    producer: str
    algorithm: str
    candidate: bool = False


@dataclass(frozen=True)
class Labelled:
    """Regions of one volume in a grid.

    layers  [s, r, c] unsigned integers each, 0 is background; regions of one layer share no voxel
    affine  [4, 4], index (s, r, c, 1) of a voxel centre -> LPS mm; None: slices in no even line, or
            of no known place
    """

    layers: tuple[np.ndarray, ...]
    affine: np.ndarray | None
    regions: tuple[Marked, ...]

    @property
    def shape(self) -> tuple[int, int, int]:
        s, r, c = self.layers[0].shape
        return s, r, c

    def on_grid(self, affine: np.ndarray | None, shape: tuple[int, int, int]) -> "Labelled":
        """The same voxels in the order of another grid. Raises Fault mask_geometry_differs.

        The two grids must be one set of points: axes exchanged or reversed, nothing between. Without
        an affine a grid fits one of its shape that has none either: both are the slices as stored.
        """
        if self.affine is None or affine is None:
            if self.shape != tuple(shape) or self.affine is not affine:
                raise Fault(
                    "mask_geometry_differs", "only one of the grids has an affine, or its shape"
                )
            return self
        axes, flips = _turns(self.affine, affine)
        if tuple(self.shape[a] for a in axes) != tuple(shape):
            raise Fault("mask_geometry_differs", f"grid {self.shape}, the images have {shape}")
        turned = _turned_affine(self.affine, self.shape, axes, flips)
        voxel = float(np.linalg.norm(affine[:3, :3], axis=0).min())
        apart = displacement_mm(turned, affine, shape) / voxel
        if apart > GRID_TOLERANCE:
            raise Fault("mask_geometry_differs", f"a corner is {apart:.2f} voxels off the images'")
        layers = tuple(_turned(layer, axes, flips) for layer in self.layers)
        return replace(self, layers=layers, affine=affine)


def _turns(
    own: np.ndarray, other: np.ndarray
) -> tuple[tuple[int, int, int], tuple[bool, bool, bool]]:
    """For each axis of the other grid: which own axis runs along it, and whether against it."""
    step = np.linalg.solve(own[:3, :3], other[:3, :3])  # column j: other axis j in own indices
    axes = [int(np.abs(step[:, j]).argmax()) for j in range(3)]
    if sorted(axes) != [0, 1, 2]:
        raise Fault("mask_geometry_differs", "the grids are turned against each other")
    flips = [bool(step[a, j] < 0) for j, a in enumerate(axes)]
    return (axes[0], axes[1], axes[2]), (flips[0], flips[1], flips[2])


def _turned(
    values: np.ndarray, axes: tuple[int, int, int], flips: tuple[bool, bool, bool]
) -> np.ndarray:
    return values.transpose(axes)[tuple(slice(None, None, -1 if f else None) for f in flips)]


def _turned_affine(
    affine: np.ndarray, shape: tuple[int, int, int],
    axes: tuple[int, int, int], flips: tuple[bool, bool, bool],
) -> np.ndarray:  # fmt: skip
    out = affine.copy()
    for j, (axis, flip) in enumerate(zip(axes, flips, strict=True)):
        out[:, j] = affine[:, axis] * (-1 if flip else 1)
        if flip:
            out[:3, 3] += affine[:3, axis] * (shape[axis] - 1)
    return out
