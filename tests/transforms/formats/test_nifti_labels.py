"""Label volumes: on the image's grid in any axis order, or refused."""

from pathlib import Path

import nibabel as nib
import numpy as np
import pytest
from scipy import ndimage

from schemas.reject import Fault
from transforms.formats.nifti import read_nifti
from transforms.formats.volume import Cut, LabelVolume
from transforms.picture import Picture

AFFINE = np.diag([-3.0, -2.0, 4.0, 1.0])
AXIAL = Cut(planes=("axial",), max_slices=99)
VOXEL_ML = 3 * 2 * 4 / 1000


def save(path: Path, grid: np.ndarray, codes: str = "LPS", shift: float = 0.0) -> Path:
    """[H, P, L] grid as NIfTI with axes along `codes`."""
    affine = AFFINE.copy()
    affine[0, 3] = shift
    image = nib.Nifti1Image(np.transpose(grid, (2, 1, 0)), affine)
    start = nib.orientations.io_orientation(affine)
    change = nib.orientations.ornt_transform(start, nib.orientations.axcodes2ornt(codes))
    nib.save(image.as_reoriented(change), path)
    return path


@pytest.fixture
def image(tmp_path: Path, marker: np.ndarray) -> Path:
    return save(tmp_path / "image.nii.gz", marker, "RAS")


@pytest.fixture
def grid(marker: np.ndarray) -> np.ndarray:
    """1: the L; 7: the dot."""
    return np.select([marker == 1000, marker == 400], [1, 7]).astype(np.uint8)


def read(image: Path, labels: LabelVolume, cut: Cut = AXIAL) -> tuple[list[Picture], list[Fault]]:
    found = list(read_nifti(image, cut=cut, labels=labels))
    pictures = [p for p in found if isinstance(p, Picture)]
    return pictures, [f for f in found if isinstance(f, Fault)]


@pytest.mark.parametrize("codes", ["RAS", "LPS", "SLA", "PIR"])
@pytest.mark.parametrize("plane", ["axial", "coronal", "sagittal"])
def test_masks_lie_where_their_voxels_are_shown(
    tmp_path: Path, image: Path, grid: np.ndarray, codes: str, plane: str
) -> None:
    labels = LabelVolume(save(tmp_path / "l.nii", grid, codes), {1: "ell", 7: "dot"})
    cut = Cut(planes=(plane,), max_slices=99)  # type: ignore[arg-type]
    pictures, faults = read(image, labels, cut)
    assert faults == []
    seen = {"ell": 0, "dot": 0}
    for picture in pictures:
        for a in picture.annotations:
            assert a.mask is not None
            assert picture.native is not None
            value = {"ell": 1000, "dot": 400}[a.label]
            assert np.array_equal(a.mask, picture.native == value)
            seen[a.label] += int(a.mask.sum())
    assert seen == {"ell": 7, "dot": 1}


def test_volume_and_truncation(tmp_path: Path, image: Path, grid: np.ndarray) -> None:
    grid[1, 0, 5] = 3  # at the front face of the scanned volume
    labels = LabelVolume(save(tmp_path / "l.nii", grid), {1: "ell", 3: "low", 7: "dot"})
    pictures, _ = read(image, labels, Cut(planes=("axial",), max_slices=99))
    told = {a.label: (a.volume_ml, a.truncated) for p in pictures for a in p.annotations}
    assert told["ell"] == (pytest.approx(7 * VOXEL_ML), False)
    assert told["low"] == (pytest.approx(VOXEL_ML), True)


def test_components_keep_one_name_over_their_slices(tmp_path: Path, marker: np.ndarray) -> None:
    rng = np.random.default_rng(4)
    grid = (ndimage.gaussian_filter(rng.normal(size=(20, 24, 28)), 2) > 0.09).astype(np.uint8)
    image = save(tmp_path / "i.nii", grid.astype(np.int16) * 9)
    labels = LabelVolume(save(tmp_path / "l.nii", grid), {1: "lesion"}, components=True)
    pictures, _ = read(image, labels)
    parts, count = ndimage.label(grid, np.ones((3, 3, 3)))
    sizes = sorted(np.bincount(parts.ravel())[1:], reverse=True)
    assert count > 3
    volumes: dict[str, float] = {}
    areas: dict[str, int] = {}
    for picture in pictures:
        for a in picture.annotations:
            assert a.instance is not None
            assert a.mask is not None
            assert a.volume_ml is not None
            volumes[a.instance] = a.volume_ml
            areas[a.instance] = areas.get(a.instance, 0) + int(a.mask.sum())
    assert [areas[f"lesion {n}"] for n in range(1, count + 1)] == sizes
    assert all(v == pytest.approx(areas[k] * VOXEL_ML) for k, v in volumes.items())


def test_one_file_a_structure_may_overlap(tmp_path: Path, image: Path, grid: np.ndarray) -> None:
    one = save(tmp_path / "one.nii", (grid == 1).astype(np.uint8))
    both = save(tmp_path / "both.nii", (grid > 0).astype(np.uint8))
    none = save(tmp_path / "none.nii", np.zeros_like(grid))
    labels = LabelVolume(files=(("one", one), ("both", both), ("none", none)))
    pictures, faults = read(image, labels)
    assert faults == []
    assert {a.label for p in pictures for a in p.annotations} == {"one", "both"}
    assert pictures[0].complete == ["one", "both", "none"]  # read in full, and empty


def test_every_value_an_object(tmp_path: Path, image: Path, grid: np.ndarray) -> None:
    labels = LabelVolume(save(tmp_path / "l.nii", grid), objects="cell")
    pictures, _ = read(image, labels)
    assert {(a.label, a.instance) for p in pictures for a in p.annotations} == {
        ("cell", "1"), ("cell", "7"),
    }  # fmt: skip


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (lambda g: g[:, :, 1:], "mask_geometry_differs"),
        (lambda g: np.where(g == 7, 9, g), "mask_value_undeclared"),
        (lambda g: g.astype(np.float32) + 0.5, "annotation_malformed"),
        (lambda g: -g.astype(np.int16), "mask_value_undeclared"),
        (lambda g: g.astype(np.int32) << 24, "mask_value_undeclared"),
    ],
)
def test_a_label_file_that_cannot_be_used_leaves_the_pictures(
    tmp_path: Path, image: Path, grid: np.ndarray, change, reason: str
) -> None:
    labels = LabelVolume(save(tmp_path / "l.nii", change(grid)), {1: "ell", 7: "dot"})
    pictures, faults = read(image, labels)
    assert [(f.reason, f.scope) for f in faults] == [(reason, "region")]
    assert pictures
    assert all(not p.annotations and not p.complete for p in pictures)


@pytest.mark.parametrize(("shift", "ok"), [(0.01, True), (3.0, False), (-1.0, False)])
def test_a_shifted_grid_is_another_place(
    tmp_path: Path, image: Path, grid: np.ndarray, shift: float, ok: bool
) -> None:
    path = save(tmp_path / "l.nii", grid, shift=shift)
    _, faults = read(image, LabelVolume(path, {1: "ell", 7: "dot"}))
    assert [f.reason for f in faults] == ([] if ok else ["mask_geometry_differs"])


def test_float_labels_of_whole_numbers_are_labels(
    tmp_path: Path, image: Path, grid: np.ndarray
) -> None:
    path = save(tmp_path / "l.nii", grid.astype(np.float32))
    _, faults = read(image, LabelVolume(path, {1: "ell", 7: "dot"}))
    assert faults == []


@pytest.mark.samples
def test_a_segmentation_belongs_to_its_own_image_only(samples: Path) -> None:
    folder = samples / "totalsegmentator_example/tests/reference_files"
    names = {n: f"structure {n}" for n in range(1, 118)}
    labels = LabelVolume(folder / "example_seg.nii.gz", names)
    cut = Cut(planes=("axial",), max_slices=2)
    pictures, faults = read(folder / "example_ct_sm.nii.gz", labels, cut)
    assert faults == []
    assert all(len(p.annotations) > 5 for p in pictures)
    total = np.bincount(np.asarray(nib.load(folder / "example_seg.nii.gz").dataobj).ravel())
    for a in pictures[0].annotations:
        assert a.volume_ml == pytest.approx(total[int(a.label.split()[1])] * 0.027)
    _, faults = read(folder / "example_ct.nii.gz", labels, cut)
    assert [f.reason for f in faults] == ["mask_geometry_differs"]
