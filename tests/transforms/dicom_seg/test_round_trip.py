"""What is written comes back voxel for voxel, by our reader and by highdicom's."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from transforms.dicom_seg.marked import Labelled
from transforms.dicom_seg.read import Imported, canonical_grid, read_regions, stack_of
from transforms.dicom_seg.reference import in_order_of, references
from transforms.dicom_seg.write import Writing, as_bytes, write_segmentations
from transforms.formats.geometry import axis_order, reorder, reorder_affine

from .conftest import GRIDS, SHAPE, marked, structures

highdicom = pytest.importorskip("highdicom", reason="needs the extra `dicom`")


def export(
    labelled: Labelled, paths: list[Path], writing: Writing, folder: Path
) -> tuple[list[Path], list[bytes]]:
    stack = stack_of(paths)
    placed = labelled.on_grid(stack.affine, stack.shape)
    placed = replace(placed, layers=tuple(in_order_of(stack, one) for one in placed.layers))
    contents = [
        as_bytes(d) for d in write_segmentations(placed, references(stack, "key-1"), writing)
    ]
    out = []
    for n, content in enumerate(contents):
        out.append(folder / f"seg-{n}.dcm")
        out[-1].write_bytes(content)
    return out, contents


def full(imported: Imported, shape: tuple[int, ...]) -> np.ndarray:
    out = np.zeros(shape, bool)
    one = imported.structure
    out[tuple(slice(a, a + n) for a, n in zip(one.start, one.mask.shape, strict=True))] = one.mask
    return out


@pytest.mark.parametrize("kind", ["auto", "binary", "labelmap"])
@pytest.mark.parametrize("overlap", [False, True])
@pytest.mark.parametrize("grid", GRIDS)
def test_exact(
    tmp_path: Path, write_series: Callable[..., list[Path]], writing: Writing,
    grid: str, overlap: bool, kind: str,
) -> None:  # fmt: skip
    affine = GRIDS[grid]
    labelled = marked(structures()[: 3 if overlap else 2], affine)
    assert len(labelled.layers) == 1 + overlap
    paths = write_series(affine)
    segs, _ = export(labelled, paths, replace(writing, kind=kind), tmp_path)
    assert len(segs) == (2 if overlap and kind == "labelmap" else 1)
    stack = stack_of(paths)
    found = {i.tracking: i for i in read_regions(segs, stack)}
    shape, own = canonical_grid(stack)
    axes, flips = axis_order(affine)
    assert np.allclose(own, reorder_affine(affine, SHAPE, axes, flips), atol=1e-6)
    assert set(found) == {r.id for r in labelled.regions}
    for region in labelled.regions:
        expected = reorder(labelled.layers[region.layer] == region.value, axes, flips)
        assert np.array_equal(full(found[region.id], shape), expected), region.label
        back = found[region.id]
        assert (back.structure.label, back.candidate) == (region.label, region.candidate)
        assert (back.producer, back.algorithm) == (region.producer, region.algorithm)
        assert back.structure.side == (None if region.side == "unknown" else region.side)


@pytest.mark.parametrize("grid", GRIDS)
@pytest.mark.parametrize("overlap", [False, True])
def test_highdicom_reads_the_same_voxels_at_the_same_places(
    tmp_path: Path,
    write_series: Callable[..., list[Path]],
    writing: Writing,
    grid: str,
    overlap: bool,
) -> None:
    affine = GRIDS[grid]
    labelled = marked(structures()[: 3 if overlap else 2], affine)
    (path,), _ = export(labelled, write_series(affine), writing, tmp_path)
    seg = highdicom.seg.segread(path)
    assert seg.SegmentationType == ("BINARY" if overlap else "LABELMAP")
    assert seg.SegmentsOverlap == ("YES" if overlap else "NO")
    volume = seg.get_volume()  # [s, r, c, segment], the empty slices filled in
    for region in labelled.regions:
        (number,) = seg.get_segment_numbers(tracking_id=region.id)
        column = list(seg.segment_numbers).index(number)
        here = np.argwhere(volume.array[..., column] > 0)
        points = here @ volume.affine[:3, :3].T + volume.affine[:3, 3]
        indices = np.argwhere(labelled.layers[region.layer] == region.value)
        expected = indices @ affine[:3, :3].T + affine[:3, 3]
        assert np.allclose(sorted(points.tolist()), sorted(expected.tolist()), atol=1e-5)
