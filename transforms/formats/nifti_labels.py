"""Label files on the grid of a NIfTI volume."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np

from schemas.reject import Fault
from transforms.formats.geometry import axis_order, displacement_mm, reorder, reorder_affine
from transforms.formats.nifti_header import NiftiHeader, read_header
from transforms.formats.nifti_values import read_values
from transforms.formats.structures import Structure, components_of, structure_of
from transforms.formats.volume import LabelVolume

MAX_LABEL = 1 << 20  # find_objects allocates by the largest value: a hostile one must not
GRID_TOLERANCE = 0.1  # voxels that a corner may lie apart: rounding of stored affines, no more


def read_structures(
    labels: LabelVolume, image: NiftiHeader
) -> tuple[list[Structure], list[str], list[Fault]]:
    """`structures_on_grid` for the canonical grid of a NIfTI image."""
    shape, affine = _canonical_grid(image)
    voxel_ml = None if image.spacing_mm is None else float(np.prod(image.spacing_mm)) / 1000.0
    return _read(labels, shape, affine, voxel_ml)


def structures_on_grid(
    labels: LabelVolume,
    affine: np.ndarray | None,
    shape: tuple[int, int, int],
    voxel_ml: float | None,
) -> tuple[list[Structure], list[str], list[Fault]]:
    """Structures in a grid of any axis order, labels that were read in full, and faults.

    affine  (s, r, c, 1) -> LPS mm of the grid; without it nothing can be placed and all is a fault

    A label that a file declares and that has no voxel is read in full and gives no structure. A
    fault is of scope "region": the image stays, without what that file says.
    """
    if affine is None:
        fault = Fault("geometry_missing", "label file: the image has no place in space", "region")
        return [], [], [fault]
    axes, flips = axis_order(affine)
    grid = tuple(shape[a] for a in axes)
    found, complete, faults = _read(
        labels, grid, reorder_affine(affine, shape, axes, flips), voxel_ml
    )
    back = tuple(int(i) for i in np.argsort(axes))
    unflip = tuple(flips[i] for i in back)
    return [s.reordered(back, unflip, grid) for s in found], complete, faults


def _read(
    labels: LabelVolume, shape: tuple[int, ...], affine: np.ndarray | None, voxel_ml: float | None
) -> tuple[list[Structure], list[str], list[Fault]]:
    structures: list[Structure] = []
    complete: list[str] = []
    faults: list[Fault] = []
    spoilt: set[str] = set()
    for path, names, objects in _parts(labels):
        words = sorted(set(names.values())) if names else [objects or "object"]
        try:
            values = _on_grid(path, shape, affine)
            found = list(_found(values, names, objects))
        except Fault as fault:
            faults.append(Fault(fault.reason, f"label file: {fault.detail}", "region"))
            spoilt.update(words)
            continue
        complete += words
        for label, instance, box, mask in found:
            whole = structure_of(
                mask, box, label, shape=shape, voxel_ml=voxel_ml, instance=instance
            )
            structures += components_of(whole, shape, voxel_ml) if labels.components else [whole]
    return structures, [w for w in dict.fromkeys(complete) if w not in spoilt], faults


def _parts(labels: LabelVolume) -> Iterator[tuple[Path, dict[int, str], str | None]]:
    """(file, value names, label of instance values) of every label file, in the order declared."""
    if labels.path is not None:
        yield labels.path, labels.names, labels.objects
    for label, path in labels.files:
        yield path, {1: label}, None


def _on_grid(path: Path, shape: tuple[int, ...], affine: np.ndarray | None) -> np.ndarray:
    """Integer labels in canonical axis order. Raises Fault mask_geometry_differs, ..."""
    header = read_header(path)
    own_shape, own_affine = _canonical_grid(header)
    if own_shape != shape:
        raise Fault("mask_geometry_differs", f"grid {own_shape}, the image has {shape}")
    if (own_affine is None) != (affine is None):
        raise Fault(
            "mask_geometry_differs", "only one of label file and image has a place in space"
        )
    if own_affine is not None and affine is not None:
        voxel = float(np.linalg.norm(affine[:3, :3], axis=0).min())
        apart = displacement_mm(own_affine, affine, shape) / voxel
        if apart > GRID_TOLERANCE:
            raise Fault("mask_geometry_differs", f"a corner is {apart:.1f} voxels off the image's")
    values = np.swapaxes(read_values(path, header), 0, 2)
    if header.affine is None:
        return _whole(values[:, ::-1])
    return _whole(reorder(values, *axis_order(header.affine[:, [2, 1, 0, 3]])))


def _canonical_grid(header: NiftiHeader) -> tuple[tuple[int, ...], np.ndarray | None]:
    shape = header.shape[::-1]
    if header.affine is None:
        return shape, None
    affine = header.affine[:, [2, 1, 0, 3]]
    axes, flips = axis_order(affine)
    return tuple(shape[a] for a in axes), reorder_affine(affine, shape, axes, flips)


def _whole(values: np.ndarray) -> np.ndarray:
    """Labels as integers; float files are accepted when every value is whole."""
    if values.ndim != 3:
        raise Fault("annotation_malformed", "a colour volume is no label map")
    if values.dtype.kind in "iu":
        return values
    if not np.isfinite(values).all() or np.abs(values).max() > MAX_LABEL:
        raise Fault("annotation_malformed", "label values are not finite, or beyond any label")
    whole = values.astype(np.int32)
    if not np.array_equal(whole, values):
        raise Fault("annotation_malformed", "label values are not whole numbers")
    return whole


def _found(
    values: np.ndarray, names: dict[int, str], objects: str | None
) -> Iterator[tuple[str, str | None, tuple[slice, slice, slice], np.ndarray]]:
    """(label, instance, box, crop) of every value that occurs, ascending by value."""
    from scipy import ndimage

    if values.min() < 0:
        raise Fault("mask_value_undeclared", "negative label values")
    top = int(values.max())
    if top > MAX_LABEL:
        raise Fault("mask_value_undeclared", f"label value {top}; at most {MAX_LABEL} is read")
    boxes = ndimage.find_objects(values.astype(np.int32))
    present = [v for v, box in enumerate(boxes, start=1) if box is not None]
    unknown = [v for v in present if v not in names] if names else []
    if unknown:
        raise Fault("mask_value_undeclared", f"values {unknown[:10]} have no declared name")
    for value in present:
        box = boxes[value - 1]
        label = names[value] if names else (objects or "object")
        yield label, None if names else str(value), box, values[box] == value
