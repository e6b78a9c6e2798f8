"""Slices, the three planes through a point, and short stacks, from a volume and its label volume.

What comes out equals what a build cuts: both go through `transforms.formats.planes`. Nothing is
interpolated; a plane is a row of voxels of the canonical grid.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from transforms.formats.planes import PLANE_AXIS, cut_again, cut_of, slice_spacing
from transforms.formats.slices import stack_around
from transforms.picture import CutOf
from transforms.volumes.codec import decode

PLANES = ("axial", "coronal", "sagittal")


@dataclass(frozen=True)
class Derived:
    """One cut as shown: rows down, columns right.

    pixels      [H, W] values of the volume; None where only the label volume was given
    masks       region id -> [H, W] bool, of the regions that have a voxel in it
    spacing_mm  (between rows, between columns)
    """

    cut: CutOf
    pixels: np.ndarray | None
    masks: dict[str, np.ndarray]
    spacing_mm: tuple[float, float] | None


class Labels:
    """The decoded label volume of a row of VOLUME.

    layers  [S, H, W] uint8 or uint16 each; places: region id -> (layer, value)
    """

    def __init__(self, files: Sequence[bytes], labels: Sequence[Mapping[str, Any]]) -> None:
        self.layers = [decode(data).values for data in files]
        self.places = {e["region_id"]: (e["layer"], e["value"]) for e in labels}

    def mask(self, region_id: str) -> np.ndarray:
        """[S, H, W] bool of one region. Raises KeyError where the volume has no such region."""
        layer, value = self.places[region_id]
        return np.asarray(self.layers[layer] == value)

    def masks_on(self, cut: CutOf) -> dict[str, np.ndarray]:
        """[H, W] bool of every region that has a voxel in the cut, in the order of the row."""
        shown = [cut_again(layer, cut) for layer in self.layers]
        present = [set(np.unique(layer).tolist()) for layer in shown]
        return {
            region: shown[layer] == value
            for region, (layer, value) in self.places.items()
            if value in present[layer]
        }


def cut_of_row(volume_id: str, image: Mapping[str, Any]) -> CutOf:
    """The cut that an entry of a row's `images` describes."""
    return CutOf(
        volume_id,
        image["axis"],
        image["index"],
        image["y_axis"],
        image["x_axis"],
        (image["y_flipped"], image["x_flipped"]),
    )


def derive_slice(
    row: Mapping[str, Any], labels: Labels, plane: str, index: int, values: np.ndarray | None = None
) -> Derived:
    """Slice `index` of a plane (PLANES) of the canonical grid.

    row     of VOLUME; values [S, H, W] on its grid. Raises IndexError off the volume.
    """
    _within(row, plane, index)
    cut = cut_of(row["id"], plane, index)
    spacing = row["spacing_mm"] and slice_spacing(tuple(row["spacing_mm"]), plane)
    pixels = None if values is None else cut_again(values, cut)
    return Derived(cut, pixels, labels.masks_on(cut), spacing and (spacing[1], spacing[2]))


def derive_planes(
    row: Mapping[str, Any],
    labels: Labels,
    point: Sequence[float],
    values: np.ndarray | None = None,
) -> dict[str, Derived]:
    """The axial, coronal and sagittal plane nearest to a point, index (s, r, c)."""
    nearest = [int(np.floor(at + 0.5)) for at in point]
    return {
        plane: derive_slice(row, labels, plane, nearest[PLANE_AXIS[plane]], values)
        for plane in PLANES
    }


def derive_stack(
    row: Mapping[str, Any],
    labels: Labels,
    plane: str,
    index: int,
    count: int,
    step_mm: float | None = None,
    values: np.ndarray | None = None,
) -> list[Derived]:
    """`count` slices (odd) round one, as recipe key `cut: {stack: count}` takes them; fewer at an end.

    Raises IndexError where the middle one is off the volume, ValueError on an even `count`.
    """
    _within(row, plane, index)
    axis = PLANE_AXIS[plane]
    gap = row["spacing_mm"] and row["spacing_mm"][axis]
    indices = stack_around(index, count, length=row["shape"][axis], gap_mm=gap, step_mm=step_mm)
    return [derive_slice(row, labels, plane, i, values) for i in indices]


def _within(row: Mapping[str, Any], plane: str, index: int) -> None:
    """Raises IndexError where the volume has no such slice."""
    length = row["shape"][PLANE_AXIS[plane]]
    if not 0 <= index < length:
        raise IndexError(
            f"volume {row['id']}: found {plane} slice {index}; expected an index from 0 to {length - 1}"
        )


def index_of(row: Mapping[str, Any], point_mm: Sequence[float]) -> np.ndarray:
    """[3] index (s, r, c), not rounded, of a point in LPS mm. Raises ValueError without a place."""
    if row["affine"] is None:
        raise ValueError(f"volume {row['id']} has no place in the patient")
    affine = np.array(row["affine"]).reshape(4, 4)
    return np.asarray(np.linalg.solve(affine, [*point_mm, 1.0]))[:3]
