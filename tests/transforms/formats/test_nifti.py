"""NIfTI display: one patient, every axis order, one picture. Compared with nibabel and SimpleITK."""

from itertools import permutations, product
from pathlib import Path

import nibabel as nib
import numpy as np
import pytest
import SimpleITK as sitk

from schemas.reject import Fault
from transforms.formats.nifti import read_nifti, read_volume
from transforms.formats.nifti_header import read_header
from transforms.formats.volume import Cut
from transforms.picture import Picture

SPACING = (4.0, 2.0, 3.0)  # of H, P, L
CUT = Cut(planes=("axial", "coronal", "sagittal"), max_slices=99, prefer="even")


def save(path: Path, grid: np.ndarray, codes: str = "LPS", tilt_degrees: float = 0.0) -> Path:
    """`grid` [H, P, L] as NIfTI whose axes run along `codes` (nibabel letters), spacing SPACING."""
    ras = np.diag([-3.0, -2.0, 4.0, 1.0])  # (l, p, h) index to RAS mm
    ras[:3, 3] = (10, 20, -30)
    angle = np.radians(tilt_degrees)
    turn = np.eye(4)
    turn[:2, :2] = [[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]]
    image = nib.Nifti1Image(np.transpose(grid, (2, 1, 0)), turn @ ras)
    start = nib.orientations.io_orientation(ras)
    change = nib.orientations.ornt_transform(start, nib.orientations.axcodes2ornt(codes))
    nib.save(image.as_reoriented(change), path)
    return path


def pictures(path: Path, **options: object) -> dict[str, Picture]:
    found = list(read_nifti(path, cut=options.pop("cut", CUT), **options))  # type: ignore[arg-type]
    assert all(isinstance(p, Picture) for p in found), found
    return {p.key: p for p in found}  # type: ignore[union-attr,misc]


ALL_CODES = [
    "".join(letters) for axes in permutations(("LR", "AP", "IS")) for letters in product(*axes)
]


@pytest.mark.parametrize("codes", [*ALL_CODES[::5], "RAS", "LPS", "LAS"])
def test_display_does_not_depend_on_stored_axes(
    tmp_path: Path, marker: np.ndarray, codes: str
) -> None:
    shown = pictures(
        save(tmp_path / "a.nii", marker, codes),
        cut=Cut(
            planes=("axial", "coronal", "sagittal"),
            max_slices=99,
            prefer="even",
            percentiles=(0, 100),
        ),
    )
    axial = shown["plane=axial;slice=0001"]
    assert np.array_equal(axial.display, np.rint(marker[1] / 1000 * 255).astype(np.uint8))
    assert (axial.orientation, axial.spacing_mm, axial.frame) == ("L\\P", (2.0, 3.0), 1)
    coronal = shown["plane=coronal;slice=0005"]
    assert np.array_equal(coronal.native, marker[::-1, 5])
    assert (coronal.orientation, coronal.spacing_mm, coronal.plane) == (
        "L\\F",
        (4.0, 3.0),
        "coronal",
    )
    sagittal = shown["plane=sagittal;slice=0012"]
    assert np.array_equal(sagittal.native, marker[::-1, :, 12])
    assert (sagittal.orientation, sagittal.spacing_mm) == ("P\\F", (4.0, 2.0))


def test_the_patients_right_is_on_the_left_of_the_picture(
    tmp_path: Path, marker: np.ndarray
) -> None:
    axial = pictures(save(tmp_path / "a.nii.gz", marker, "RAS"))["plane=axial;slice=0001"]
    rows, columns = np.nonzero(axial.display > 200)
    assert columns.mean() < marker.shape[2] / 2  # the L was put on the patient's right ...
    assert rows.mean() < marker.shape[1] / 2  # ... in front


def test_oblique_grids_are_named_by_their_nearest_axes_and_flagged(
    tmp_path: Path, marker: np.ndarray
) -> None:
    little = pictures(save(tmp_path / "a.nii", marker, "RAS", 3.0))["plane=axial;slice=0001"]
    much = pictures(save(tmp_path / "b.nii", marker, "RAS", 20.0))["plane=axial;slice=0001"]
    assert "oblique" not in little.flags
    assert "oblique" in much.flags
    assert np.array_equal(little.display, much.display)
    assert '"tilt_degrees": 20.0' in much.steps[-1]["parameters"]


@pytest.mark.samples
def test_real_volumes_agree_with_nibabel_and_simpleitk(samples: Path) -> None:
    folder = samples / "totalsegmentator_example/tests/reference_files"
    for name in ("example_ct_sm.nii.gz", "example_mr_sm.nii.gz", "example_seg_dicom.nii.gz"):
        path = folder / name
        header = read_header(path)
        volume = read_volume(path, header)
        closest = nib.as_closest_canonical(nib.load(path))
        values = np.asarray(closest.dataobj)  # R, A, S
        cut = Cut(planes=("axial",), max_slices=3, prefer="even", percentiles=(0, 100))
        for picture in read_nifti(path, cut=cut):
            assert isinstance(picture, Picture)
            expected = values[::-1, ::-1, picture.frame].T  # to L, P
            assert np.array_equal(picture.native, expected)
        image = sitk.ReadImage(str(path))
        for index in ((0, 0, 0), (5, 3, 7)):  # i, j, k
            place = volume.affine @ np.array([index[2], index[1], index[0], 1])
            assert np.allclose(place[:3], image.TransformIndexToPhysicalPoint(index), atol=1e-3)
        assert np.allclose(volume.spacing_mm, image.GetSpacing()[::-1], atol=1e-4)


def test_percentiles_are_of_the_whole_volume(tmp_path: Path) -> None:
    grid = np.zeros((4, 5, 6), np.int16)
    grid[1, 2, 3], grid[3, 2, 3] = 50, 1000  # a dim slice must stay dim
    shown = pictures(
        save(tmp_path / "a.nii", grid), cut=Cut(planes=("axial",), percentiles=(0, 100))
    )
    assert shown["plane=axial;slice=0001"].display.max() == 13
    assert shown["plane=axial;slice=0003"].display.max() == 255


def test_ct_windows_are_pictures_of_their_own(tmp_path: Path, marker: np.ndarray) -> None:
    path = save(tmp_path / "a.nii", marker - 500)
    cut = Cut(planes=("axial",), windows=("lung", "soft tissue"), max_slices=1)
    shown = pictures(path, cut=cut, modality="CT")
    assert sorted(shown) == [
        "plane=axial;slice=0004;window=lung",
        "plane=axial;slice=0004;window=soft tissue",
    ]
    lung = shown["plane=axial;slice=0004;window=lung"]
    assert lung.unit == "HU"
    assert lung.window == "lung"
    assert lung.native is not None
    assert lung.native[8, 12] == -100
    assert {s.kind: s.value for s in lung.statements} == {
        "modality": "CT", "plane": "axial", "window": "lung",
    }  # fmt: skip


def test_volumes_of_a_series(tmp_path: Path, marker: np.ndarray) -> None:
    data = np.stack([marker.T, 2 * marker.T], axis=-1)
    nib.save(nib.Nifti1Image(data, np.diag([-3.0, -2, 4, 1])), tmp_path / "a.nii.gz")
    cut = Cut(planes=("axial",), frames="first", max_slices=99)
    assert {k.split(";")[0] for k in pictures(tmp_path / "a.nii.gz", cut=cut)} == {"volume=0000"}
    cut = Cut(planes=("axial",), frames="all", max_slices=99)
    shown = pictures(tmp_path / "a.nii.gz", cut=cut)
    second = shown["volume=0001;plane=axial;slice=0001"]
    assert second.native is not None
    assert second.native.max() == 2000


def test_rgb_slope_big_endian_and_pairs(tmp_path: Path, marker: np.ndarray) -> None:
    rgb = np.zeros(marker.T.shape, [("R", "u1"), ("G", "u1"), ("B", "u1")])
    rgb["R"], rgb["B"] = (marker.T > 0) * 250, (marker.T == 400) * 9
    affine = np.diag([-3.0, -2, 4, 1])
    nib.save(nib.Nifti1Image(rgb, affine), tmp_path / "rgb.nii")
    shown = pictures(tmp_path / "rgb.nii", cut=Cut(planes=("axial",), max_slices=99))
    assert shown["plane=axial;slice=0004"].display[8, 12].tolist() == [250, 0, 9]
    image = nib.Nifti1Image(marker.T, affine, nib.Nifti1Header(endianness=">"))
    image.header.set_slope_inter(2, -7)
    nib.save(image, tmp_path / "big.nii")
    nib.save(nib.Nifti1Pair(marker.T, affine), tmp_path / "pair.hdr")
    for name in ("big.nii", "pair.hdr"):
        header = read_header(tmp_path / name)
        values = read_volume(tmp_path / name, header).values
        assert np.array_equal(values, np.asarray(nib.load(tmp_path / name).dataobj).T)


def test_a_volume_without_a_form_claims_no_orientation(tmp_path: Path, marker: np.ndarray) -> None:
    image = nib.Nifti1Image(marker.T, None)
    image.header["qform_code"] = image.header["sform_code"] = 0
    nib.save(image, tmp_path / "a.nii")
    shown = pictures(tmp_path / "a.nii")
    picture = shown["slice=0001"]
    assert (picture.orientation, picture.plane) == (None, None)
    assert "orientation unknown" in picture.flags
    assert [s.kind for s in picture.statements] == []


def test_values_that_are_not_finite_are_flagged_and_black(
    tmp_path: Path, marker: np.ndarray
) -> None:
    values = marker.T.astype(np.float32)
    values[12, 8, 4] = np.nan
    nib.save(nib.Nifti1Image(values, np.diag([-3.0, -2, 4, 1])), tmp_path / "a.nii")
    cut = Cut(planes=("axial",), max_slices=99, percentiles=(0, 100))
    picture = pictures(tmp_path / "a.nii", cut=cut)["plane=axial;slice=0001"]
    assert "values not finite" in picture.flags
    assert picture.display.max() == 255


def test_reading_twice_gives_the_same_bytes(tmp_path: Path, marker: np.ndarray) -> None:
    path = save(tmp_path / "a.nii.gz", marker)
    first, second = pictures(path), pictures(path)
    assert list(first) == list(second)
    for key, picture in first.items():
        assert picture.display.tobytes() == second[key].display.tobytes()
        assert picture.display.flags.c_contiguous


def test_faults_come_as_values(tmp_path: Path) -> None:
    (tmp_path / "a.nii").write_bytes(b"x" * 400)
    (fault,) = read_nifti(tmp_path / "a.nii", cut=CUT)
    assert isinstance(fault, Fault)
    assert (fault.reason, fault.scope) == ("not_this_format", "item")


def test_each_volume_of_a_series_is_seen_by_itself(tmp_path: Path) -> None:
    from transforms.formats.structures import Structure
    from transforms.formats.volume import Seen, Whole

    values = np.arange(4 * 5 * 6 * 2, dtype=np.int16).reshape(4, 5, 6, 2)
    nib.save(nib.Nifti1Image(values, np.diag([-1, -2, 3, 1])), tmp_path / "a.nii.gz")
    seen: list[tuple[str, float]] = []

    def see(whole: Whole, structures: list[Structure]) -> Seen:
        assert whole.load is not None
        seen.append((whole.key, float(whole.load().min())))
        return Seen(f"vol-{len(seen)}", structures, [Fault("expert_failed", "x", "expert")])

    found = list(read_nifti(tmp_path / "a.nii.gz", cut=Cut(frames="all", max_slices=1), see=see))
    assert seen == [("volume=0000;", 0.0), ("volume=0001;", 1.0)]
    assert [one.cut.volume if isinstance(one, Picture) else one.scope for one in found] == [
        "expert", "vol-1", "expert", "vol-2",
    ]  # fmt: skip
