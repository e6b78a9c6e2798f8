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

GRID_TOLERANCE = 0.1  # voxels that a corner may lie apart: rounding of stored affines, no more


def read_structures(
    labels: LabelVolume, image: NiftiHeader
) -> tuple[list[Structure], list[str], list[Fault]]:
    """Structures in the canonical grid of `image`, labels that were read in full, and faults.

    A label that a file declares and that has no voxel is read in full and gives no structure.
    """
    structures: list[Structure] = []
    complete: list[str] = []
    faults: list[Fault] = []
    for path, names, objects in _parts(labels):
        try:
            values = _on_grid(path, image)
            found = list(_found(values, names, objects))
        except Fault as fault:
            faults.append(Fault(fault.reason, f"label file: {fault.detail}", "region"))
            continue
        complete += sorted(set(names.values())) if names else [objects or "object"]
        grid = values.shape
        voxel_ml = _voxel_ml(image)
        for label, instance, box, mask in found:
            whole = structure_of(
                mask, box, label, shape=grid, voxel_ml=voxel_ml, instance=instance  # type: ignore[arg-type]
            )  # fmt: skip
            structures += components_of(whole, grid, voxel_ml) if labels.components else [whole]  # type: ignore[arg-type]
    return structures, list(dict.fromkeys(complete)), faults


def _parts(labels: LabelVolume) -> Iterator[tuple[Path, dict[int, str], str | None]]:
    """(file, value names, label of instance values) of every label file, in the order declared."""
    if labels.path is not None:
        yield labels.path, labels.names, labels.objects
    for label, path in labels.files:
        yield path, {1: label}, None


def _voxel_ml(image: NiftiHeader) -> float | None:
    return None if image.spacing_mm is None else float(np.prod(image.spacing_mm)) / 1000.0


def _on_grid(path: Path, image: NiftiHeader) -> np.ndarray:
    """Integer labels in the canonical axis order of `image`. Raises Fault mask_geometry_differs, ..."""
    header = read_header(path)
    order = _canonical_grid(image)
    own = _canonical_grid(header)
    if own[0] != order[0]:
        raise Fault("mask_geometry_differs", f"grid {own[0]}, the image has {order[0]}")
    if (own[1] is None) != (order[1] is None):
        raise Fault(
            "mask_geometry_differs", "only one of label file and image has a place in space"
        )
    if own[1] is not None and order[1] is not None:
        voxel = float(np.linalg.norm(order[1][:3, :3], axis=0).min())
        apart = displacement_mm(own[1], order[1], order[0]) / voxel
        if apart > GRID_TOLERANCE:
            raise Fault(
                "mask_geometry_differs", f"a corner lies {apart:.1f} voxels from the image's"
            )
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
    whole = values.astype(np.int32)
    if not np.isfinite(values).all() or not np.array_equal(whole, values):
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


MAX_LABEL = 1 << 20
"""find_objects allocates by the largest value: a hostile one must not."""
