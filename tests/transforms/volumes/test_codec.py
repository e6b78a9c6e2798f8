"""Label volumes: exact, few layers, standard files."""

import gzip
from collections.abc import Callable
from pathlib import Path

import nibabel as nib
import numpy as np
import pytest
import SimpleITK as sitk
from scipy.spatial.transform import Rotation

from transforms.formats.geometry import axis_order, reorder, reorder_affine
from transforms.formats.structures import Structure
from transforms.volumes.codec import decode, encode, encode_layers, shared

SHAPE, SPACING = (9, 14, 20), (5.0, 1.5, 0.75)
PLAIN = np.array([[0, 0, 0.75, -7], [0, 1.5, 0, 11], [5, 0, 0, 3], [0, 0, 0, 1.0]])
TURN = np.eye(4)
TURN[:3, :3] = Rotation.from_euler("xz", [12, 7], degrees=True).as_matrix()


def masks(count: int, seed: int) -> list[np.ndarray]:
    """Boxes of random size and place, many of them overlapping."""
    rng = np.random.default_rng(seed)
    found = []
    for _ in range(count):
        a = [int(rng.integers(0, n - 1)) for n in SHAPE]
        b = [int(rng.integers(low + 1, n + 1)) for low, n in zip(a, SHAPE, strict=True)]
        mask = np.zeros(SHAPE, bool)
        mask[tuple(map(slice, a, b))] = True
        mask &= rng.random(SHAPE) < 0.6
        mask[tuple(a)] = True
        found.append(mask)
    return found


@pytest.mark.parametrize("affine", [PLAIN, TURN @ PLAIN, None], ids=["plain", "oblique", "nowhere"])
def test_every_structure_comes_back_exactly(
    shape_of: Callable[..., Structure], affine: np.ndarray | None
) -> None:
    every = masks(30, seed=4)
    layers = encode_layers([shape_of(m) for m in every], SHAPE, affine, SPACING)
    grids = [decode(data) for data in layers.files]
    for mask, (layer, value) in zip(every, layers.places, strict=True):
        assert np.array_equal(grids[layer].values == value, mask)
    assert grids[0].spacing_mm == SPACING
    if affine is None:
        assert grids[0].affine is None
    else:
        assert np.allclose(grids[0].affine, affine, atol=1e-5)


def test_the_first_layer_with_room_is_taken(
    shape_of: Callable[..., Structure], bars: np.ndarray
) -> None:
    away = np.zeros(SHAPE, bool)
    away[8, 12:, 18:] = True
    inner = bars.copy()
    inner[3:] = False
    layers = encode_layers([shape_of(m) for m in (bars, inner, away)], SHAPE, PLAIN, SPACING)
    assert layers.places == [(0, 1), (1, 1), (0, 2)]
    assert len(layers.files) == 2


def test_more_than_255_regions_need_two_bytes(shape_of: Callable[..., Structure]) -> None:
    every = []
    for i in range(300):
        mask = np.zeros(SHAPE, bool)
        mask.flat[7 * i] = True
        every.append(shape_of(mask))
    layers = encode_layers(every, SHAPE, PLAIN, SPACING)
    (grid,) = (decode(data) for data in layers.files)
    assert grid.values.dtype == np.uint16
    assert grid.values.flat[7 * 299] == 300
    assert layers.places[299] == (0, 300)
    few = encode_layers(every[:255], SHAPE, PLAIN, SPACING)
    assert decode(few.files[0]).values.dtype == np.uint8


def test_bytes_do_not_depend_on_time(bars: np.ndarray, monkeypatch: pytest.MonkeyPatch) -> None:
    first = encode(bars.astype(np.uint8), PLAIN, SPACING)
    monkeypatch.setattr("time.time", lambda: 2e9)
    assert encode(bars.astype(np.uint8), PLAIN, SPACING) == first


@pytest.mark.parametrize("affine", [PLAIN, TURN @ PLAIN], ids=["plain", "oblique"])
def test_itk_and_nibabel_see_each_voxel_where_the_affine_puts_it(
    tmp_path: Path, bars: np.ndarray, affine: np.ndarray
) -> None:
    path = tmp_path / "labels.nii.gz"
    path.write_bytes(encode(bars.astype(np.uint8), affine, SPACING))
    image = sitk.ReadImage(str(path))
    loaded = nib.load(path)
    assert image.GetPixelID() == sitk.sitkUInt8
    assert loaded.header.get_intent()[0] == "label"
    for s, r, c in np.argwhere(bars)[::5].tolist():
        place = (affine @ [s, r, c, 1])[:3]
        assert np.allclose(image.TransformIndexToPhysicalPoint((c, r, s)), place, atol=1e-4)
        assert image.GetPixel(c, r, s) == 1
        ras = nib.affines.apply_affine(loaded.affine, [c, r, s])
        assert np.allclose(ras * [-1, -1, 1], place, atol=1e-4)
    assert np.array_equal(sitk.GetArrayFromImage(image), bars)


@pytest.mark.parametrize("codes", ["RAS", "LPS", "SLA", "PIR"])
def test_a_label_volume_of_any_axis_order_is_the_same_canonical_file(
    bars: np.ndarray, codes: str
) -> None:
    """Stored another way round, brought to the canonical grid, encoded: one and the same file."""
    loaded = nib.Nifti1Image.from_bytes(
        gzip.decompress(encode(bars.astype(np.uint8), PLAIN, SPACING))
    )
    start = nib.orientations.io_orientation(loaded.affine)
    target = nib.orientations.axcodes2ornt(codes)
    turned = loaded.as_reoriented(nib.orientations.ornt_transform(start, target))
    values = np.asarray(turned.dataobj).transpose(2, 1, 0)
    affine = (np.diag([-1, -1, 1, 1]) @ turned.affine)[:, [2, 1, 0, 3]]
    axes, flips = axis_order(affine)
    again = reorder(values, axes, flips)
    assert np.array_equal(again, bars)
    placed = reorder_affine(affine, values.shape, axes, flips)
    assert np.allclose(placed, PLAIN, atol=1e-5)


def test_what_is_no_label_volume_is_refused(bars: np.ndarray) -> None:
    whole = encode(bars.astype(np.uint8), PLAIN, SPACING)
    for broken in (b"", b"nonsense", whole[:40], gzip.compress(b"too short")):
        with pytest.raises(ValueError, match="label volume"):
            decode(broken)


def test_shared_voxels(shape_of: Callable[..., Structure], bars: np.ndarray) -> None:
    other = np.zeros(SHAPE, bool)
    other[2:4, :, :] = True
    assert shared(shape_of(bars), shape_of(other)) == int((bars & other).sum())
    assert shared(shape_of(other), shape_of(bars)) == int((bars & other).sum())
    high = np.zeros(SHAPE, bool)
    high[8] = True
    assert shared(shape_of(bars), shape_of(high)) == 0
