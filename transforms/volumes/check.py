"""Does the row of a volume agree with its label volume? Measured again, not trusted."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from transforms.formats.structures import structure_of_mask
from transforms.volumes.check_experts import expert_faults
from transforms.volumes.codec import LabelGrid
from transforms.volumes.derive import Labels
from transforms.volumes.measure import measure

Row = Mapping[str, Any]
ROUNDING = 1e-4  # relative: a NIfTI header holds single precision


def check_row(row: Row, labels: Labels, grids: Sequence[LabelGrid]) -> Iterator[str]:
    """What is wrong with a row of VOLUME. grids: its layers, decoded."""
    shape = tuple(row["shape"])
    for number, grid in enumerate(grids):
        if grid.values.shape != shape:
            yield f"layer {number} is {grid.values.shape}, the volume {shape}"
            return
        yield from _grid_faults(row, number, grid)
    yield from _label_faults(row, grids)
    for region in row["regions"]:
        if region["id"] not in labels.places:
            yield f"region {region['id']} has no label"
            continue
        for what in _measure_faults(row, region, labels.mask(region["id"])):
            yield f"region {region['id']}: {what}"
    yield from _reference_faults(row)
    yield from expert_faults(row)


def _grid_faults(row: Row, number: int, grid: LabelGrid) -> Iterator[str]:
    affine = None if row["affine"] is None else np.array(row["affine"]).reshape(4, 4)
    if (affine is None) != (grid.affine is None):
        yield f"only one of row and layer {number} has a place in the patient"
    elif affine is not None and not np.allclose(grid.affine, affine, rtol=ROUNDING, atol=1e-3):  # type: ignore[arg-type]
        yield f"layer {number} lies elsewhere than the volume"
    if (row["spacing_mm"] is None) != (grid.spacing_mm is None) or (
        grid.spacing_mm is not None
        and not np.allclose(grid.spacing_mm, row["spacing_mm"], rtol=ROUNDING)
    ):
        yield f"layer {number} has spacing {grid.spacing_mm}, the volume {row['spacing_mm']}"


def _label_faults(row: Row, grids: Sequence[LabelGrid]) -> Iterator[str]:
    """Every value of every layer is one region, and every region one value."""
    named = [(e["layer"], e["value"]) for e in row["labels"]]
    ids = [e["region_id"] for e in row["labels"]]
    if len(set(named)) < len(named) or len(set(ids)) < len(ids):
        yield "a label or a region is named twice in `labels`"
    if set(ids) != {region["id"] for region in row["regions"]}:
        yield "`labels` and `regions` do not name the same regions"
    present = {
        (layer, value)
        for layer, grid in enumerate(grids)
        for value in np.unique(grid.values).tolist()
        if value
    }
    if present != set(named):
        yield f"values {sorted(present ^ set(named))[:4]} (layer, value) are in labels or voxels alone"


def _measure_faults(row: Row, region: Row, mask: np.ndarray) -> Iterator[str]:
    structure = structure_of_mask(mask, region["label"], voxel_ml=None)
    if structure is None:
        yield "no voxel carries its label"
        return
    mm = row["spacing_mm"]
    found = measure(structure, None if mm is None else (mm[0], mm[1], mm[2]))
    told: dict[str, Any] = {
        "voxels": found.voxels,
        "extent_mm": found.extent_mm,
        "longest_mm": found.longest_mm,
        "centroid": found.centroid,
        "truncated": structure.truncated,
        **dict(zip(("slices", "rows", "columns"), found.span, strict=True)),
    }
    if region["volume_ml"] is not None:
        told["volume_ml"] = found.volume_ml
    for name, value in told.items():
        if not _same(region[name], value):
            yield f"{name} is {region[name]}, the label volume says {value}"


def _same(told: Any, found: Any) -> bool:
    if told is None or found is None:
        return told is found
    return bool(np.allclose(told, found, rtol=1e-6, atol=1e-5))


def _reference_faults(row: Row) -> Iterator[str]:
    ids = {region["id"] for region in row["regions"]}
    for region in row["regions"]:
        if region["parent"] is not None and region["parent"] not in ids:
            yield f"region {region['id']}: parent {region['parent']} is not in the row"
    if not row["images"]:
        yield "no image of the corpus is cut from it"
    images = {entry["image_id"] for entry in row["images"]}
    for stack in row["stacks"]:
        if unknown := {id for id in stack["image_ids"] if id is not None} - images:
            yield f"a stack names images {sorted(unknown)} that are not of this volume"
        if (
            len(stack["image_ids"]) != len(stack["indices"])
            or stack["center"] not in stack["indices"]
        ):
            yield "a stack whose indices and images do not match"
