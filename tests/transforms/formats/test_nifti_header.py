"""Bad NIfTI headers: each has its own reason; none is repaired."""

import gzip
from collections.abc import Callable
from pathlib import Path
from typing import Any

import nibabel as nib
import numpy as np
import pytest

from schemas.reject import Fault
from transforms.formats.nifti_header import read_header
from transforms.formats.nifti_values import read_values

SHAPE = (5, 6, 7)
AFFINE = np.diag([2.0, 3.0, 4.0, 1.0])


def raw_file(path: Path, change: Callable[[Any], None], *, tail: bytes = b"") -> Path:
    """A valid .nii (both forms, code 1) whose raw header fields were then changed."""
    image = nib.Nifti1Image(np.arange(210, dtype=np.int16).reshape(SHAPE), AFFINE)
    image.set_sform(AFFINE, 1)
    image.set_qform(AFFINE, 1)
    data = bytearray(image.to_bytes())
    header = np.frombuffer(data[:348], nib.nifti1.header_dtype).copy()
    change(header)
    path.write_bytes(header.tobytes() + bytes(data[348:]) + tail)
    return path


def reason(path: Path) -> str:
    with pytest.raises(Fault) as caught:
        read_values(path, read_header(path))
    return caught.value.reason


def put(**fields: Any) -> Callable[[Any], None]:
    def change(header: Any) -> None:
        for name, value in fields.items():
            header[name] = value

    return change


def put_pixdim(axis: int, value: float) -> Callable[[Any], None]:
    def change(header: Any) -> None:
        header["pixdim"][0, axis] = value

    return lambda h: change(h.reshape(1))


@pytest.mark.parametrize("value", [-2.0, 0.0, np.inf, np.nan, 1e-9, 1e9])
@pytest.mark.parametrize("axis", [1, 3])
def test_spacing(tmp_path: Path, axis: int, value: float) -> None:
    assert reason(raw_file(tmp_path / "a.nii", put_pixdim(axis, value))) == "spacing_invalid"


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"srow_x": [np.nan, 0, 0, 0]}, "affine_not_finite"),
        ({"srow_z": [0, 0, np.inf, 0]}, "affine_not_finite"),
        ({"qoffset_x": np.nan, "sform_code": 0}, "affine_not_finite"),
        ({"srow_x": [0, 0, 0, 0]}, "affine_singular"),
        ({"srow_y": [2, 0, 0, 0]}, "affine_singular"),  # two axes along one line
        ({"quatern_b": 0.9, "quatern_c": 0.9}, "malformed_header"),
        ({"srow_x": [-2, 0, 0, 8]}, "forms_disagree"),  # mirrored: left and right would be a guess
        ({"srow_x": [2, 0, 0, 50]}, "forms_disagree"),  # one space, 25 voxels apart
        ({"datatype": 32, "bitpix": 64}, "unsupported_pixels"),  # complex
        ({"datatype": 1536, "bitpix": 128}, "unsupported_pixels"),  # 128-bit float
        ({"datatype": 7777}, "unsupported_pixels"),
        ({"dim": [3, 5, 6, 0, 1, 1, 1, 1]}, "dimensions_unsupported"),
        ({"dim": [5, 5, 6, 7, 2, 3, 1, 1]}, "dimensions_unsupported"),
        ({"dim": [3, 5, 6, 8, 1, 1, 1, 1]}, "truncated"),
        ({"dim": [3, 32767, 32767, 32767, 1, 1, 1, 1]}, "too_large"),
        ({"dim": [4, 5, 6, 7, 32767, 1, 1, 1]}, "truncated"),
        ({"vox_offset": np.nan}, "malformed_header"),
        ({"vox_offset": -1.0}, "malformed_header"),
        ({"vox_offset": 5000.0}, "truncated"),
        ({"magic": b"n+9\0"}, "not_this_format"),
    ],
)
def test_reasons(tmp_path: Path, fields: dict[str, Any], expected: str) -> None:
    assert reason(raw_file(tmp_path / "a.nii", put(**fields))) == expected


@pytest.mark.parametrize(
    ("fields", "flag"),
    [
        ({"sform_code": 4, "srow_x": [2, 0, 0, 50]}, "forms differ"),  # two spaces are meant to
        ({"qform_code": 0, "srow_x": [2.5, 0, 0, 0]}, "spacing disagrees"),
        ({"xyzt_units": 0}, "unit assumed mm"),
        ({"scl_slope": np.inf}, "scaling not finite"),
        ({"scl_slope": 2.0, "scl_inter": np.nan}, "scaling not finite"),
    ],
)
def test_doubts_that_stay_with_the_pictures(
    tmp_path: Path, fields: dict[str, Any], flag: str
) -> None:
    header = read_header(raw_file(tmp_path / "a.nii", put(**fields)))
    assert flag in header.flags
    assert (header.spacing_mm is None) == (flag == "spacing disagrees")


def test_a_clean_header(tmp_path: Path) -> None:
    path = raw_file(tmp_path / "a.nii", put(xyzt_units=2))
    header = read_header(path)
    assert header.flags == ()
    assert header.spacing_mm == (2.0, 3.0, 4.0)
    assert np.allclose(header.affine, np.diag([-1, -1, 1, 1]) @ AFFINE)  # RAS to LPS
    assert np.array_equal(read_values(path, header), np.asarray(nib.load(path).dataobj))


def test_units_of_the_header(tmp_path: Path) -> None:
    header = read_header(raw_file(tmp_path / "a.nii", put(xyzt_units=3)))  # micrometre
    assert np.allclose(header.spacing_mm, (0.002, 0.003, 0.004))
    assert np.allclose(np.linalg.norm(header.affine[:3, :3], axis=0), (0.002, 0.003, 0.004))


def test_qform_alone_equals_nibabel(tmp_path: Path) -> None:
    angles = np.radians([20, -35, 50])
    turn = nib.eulerangles.euler2mat(*angles)
    affine = nib.affines.from_matvec(turn @ np.diag([-2.0, 3.0, 4.0]), [7, -8, 9])
    image = nib.Nifti1Image(np.zeros(SHAPE, np.uint8), None)
    image.set_qform(affine, 1)
    image.set_sform(None, 0)
    nib.save(image, tmp_path / "a.nii")
    header = read_header(tmp_path / "a.nii")
    assert header.pointer == "NIfTI qform"
    assert np.allclose(np.diag([-1, -1, 1, 1]) @ header.affine, affine, atol=1e-4)


def test_cut_and_damaged_gzip(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    image = nib.Nifti1Image(rng.integers(0, 999, (20, 20, 20), dtype=np.int16), AFFINE)
    nib.save(image, tmp_path / "a.nii.gz")
    data = (tmp_path / "a.nii.gz").read_bytes()
    (tmp_path / "cut.nii.gz").write_bytes(data[: len(data) // 2])
    (tmp_path / "head.nii.gz").write_bytes(data[:60])
    (tmp_path / "bad.nii.gz").write_bytes(data[:3000] + b"\xff" * 50 + data[3050:])
    (tmp_path / "empty.nii.gz").write_bytes(b"")
    assert reason(tmp_path / "cut.nii.gz") == "truncated"
    assert reason(tmp_path / "head.nii.gz") == "truncated"
    assert reason(tmp_path / "bad.nii.gz") == "undecodable"  # though it inflates to enough bytes
    assert reason(tmp_path / "empty.nii.gz") == "not_this_format"
    assert reason(tmp_path / "absent.nii.gz") == "file_absent"


def test_a_gzip_bomb_is_read_no_further_than_its_header_says(tmp_path: Path) -> None:
    import tracemalloc

    path = raw_file(tmp_path / "a.nii", put())
    with gzip.open(tmp_path / "bomb.nii.gz", "wb", 1) as out:
        out.write(path.read_bytes())
        for _ in range(300):
            out.write(bytes(1 << 20))
    header = read_header(tmp_path / "bomb.nii.gz")
    tracemalloc.start()
    with pytest.raises(Fault, match="far more data"):
        read_values(tmp_path / "bomb.nii.gz", header)
    assert tracemalloc.get_traced_memory()[1] < 5e6
    tracemalloc.stop()


def test_a_little_data_after_the_voxels_is_borne(tmp_path: Path) -> None:
    path = raw_file(tmp_path / "a.nii", put(), tail=b"x" * 999)
    assert read_values(path, read_header(path)).size == 210


def test_mutated_headers_never_raise_anything_else(tmp_path: Path) -> None:
    rng = np.random.default_rng(3)
    data = raw_file(tmp_path / "a.nii", put()).read_bytes()
    for n in range(300):
        changed = bytearray(data)
        for at in rng.integers(0, 352, 1 + n % 4):
            changed[at] = int(rng.integers(0, 256))
        (tmp_path / "m.nii").write_bytes(bytes(changed))
        try:
            read_values(tmp_path / "m.nii", read_header(tmp_path / "m.nii"))
        except Fault as fault:
            assert fault.reason  # noqa: PT017  either outcome is fine, another exception is not
