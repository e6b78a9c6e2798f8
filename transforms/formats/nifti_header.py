"""NIfTI headers read raw and judged before any library repairs them.

nibabel takes the absolute value of negative spacings, sets zero ones to 1 and loads affines with
NaN without a word; a wrong millimetre or a mirrored patient would follow. So bytes come first.
Source: NIfTI-1 (nifti1.h) and NIfTI-2 (nifti2.h) header definitions.
"""

import gzip
import io
import math
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np

from schemas.reject import Fault
from transforms.formats.flags import (
    FORMS_DIFFER,
    ORIENTATION_UNKNOWN,
    SCALING_NOT_FINITE,
    SPACING_DISAGREES,
    UNIT_ASSUMED,
)
from transforms.formats.geometry import axis_order, displacement_mm

MAX_VOXELS = 1 << 29  # of one volume: 812^3, 2 GiB as float32
MAX_OFFSET = 1 << 28  # bytes of header extensions
DEFLATE_LIMIT = 1032  # the largest ratio deflate can reach (zlib.net/zlib_tech.html)
SPACING_MM = (1e-5, 1e4)  # outside lies no scanner
UNIT_MM = {0: 1.0, 1: 1000.0, 2: 1.0, 3: 0.001}  # xyzt_units & 7: unknown, metre, mm, micrometre
SPACING_TOLERANCE = 0.01  # relative: pixdim against the columns of the affine in use
RAS_TO_LPS = np.diag([-1.0, -1.0, 1.0, 1.0])


@dataclass(frozen=True)
class NiftiHeader:
    """A header that passed. Index order here is the file's own (i, j, k).

    affine      [4, 4] (i, j, k, 1) -> LPS mm, or None where neither form is set
    spacing_mm  of i, j, k; None where the affine contradicts pixdim
    pointer     which form the affine is from
    """

    raw: Any
    shape: tuple[int, int, int]
    volumes: int
    affine: np.ndarray | None
    spacing_mm: tuple[float, float, float] | None
    pointer: str
    flags: tuple[str, ...]


def open_stream(path: Path) -> BinaryIO:
    """The file, inflated while it is read if it is gzip. Raises Fault file_absent."""
    if not path.is_file():
        raise Fault("file_absent", "no regular file of this name")
    with path.open("rb") as file:
        zipped = file.read(2) == b"\x1f\x8b"
    return gzip.open(path, "rb") if zipped else path.open("rb")  # type: ignore[return-value]


def read_header(path: Path, *, max_voxels: int = MAX_VOXELS) -> NiftiHeader:
    """Parse and judge the header of a .nii, .nii.gz or .hdr file.

    Raises Fault not_this_format, truncated, malformed_header, dimensions_unsupported, too_large,
    unsupported_pixels, spacing_invalid, affine_not_finite, affine_singular, forms_disagree.
    """
    raw = _parse(path)
    shape, volumes = _dimensions(raw, max_voxels)
    _check_pixels(raw)
    _check_length(raw, path, math.prod(shape) * volumes)
    spacing = _spacing(raw, shape)
    affine, pointer, flags = _place(raw, shape)
    flags += _unit_flags(raw) + _slope_flags(raw)
    if affine is not None:
        columns = np.linalg.norm(affine[:3, :3], axis=0)
        if np.abs(columns / np.array(spacing) - 1).max() > SPACING_TOLERANCE:
            return NiftiHeader(
                raw, shape, volumes, affine, None, pointer, (*flags, SPACING_DISAGREES)
            )
    return NiftiHeader(raw, shape, volumes, affine, spacing, pointer, flags)


def _parse(path: Path) -> Any:
    from nibabel.nifti1 import Nifti1Header, Nifti1PairHeader
    from nibabel.nifti2 import Nifti2Header, Nifti2PairHeader
    from nibabel.spatialimages import HeaderDataError

    try:
        with open_stream(path) as stream:
            head = stream.read(540)
    except (OSError, EOFError, zlib.error) as error:
        raise Fault("truncated", "the gzip stream ends or breaks in the header") from error
    kinds = {
        (348, b"n+1\0"): Nifti1Header, (348, b"ni1\0"): Nifti1PairHeader,
        (540, b"n+2\0"): Nifti2Header, (540, b"ni2\0"): Nifti2PairHeader,
    }  # fmt: skip
    for size, magic in ((348, head[344:348]), (540, head[4:8])):
        kind = kinds.get((size, magic))
        if kind is None:
            continue
        if len(head) < size:
            raise Fault("truncated", "the file ends inside its header")
        try:
            return kind.from_fileobj(io.BytesIO(head[:size]), check=False)
        except HeaderDataError as error:
            raise Fault("malformed_header", "header fields contradict each other") from error
    raise Fault("not_this_format", "no NIfTI magic in the header")


def _dimensions(raw: Any, max_voxels: int) -> tuple[tuple[int, int, int], int]:
    dim = [int(n) for n in raw["dim"]]
    if not 2 <= dim[0] <= 7 or min(dim[1 : dim[0] + 1]) < 1:
        raise Fault("dimensions_unsupported", f"dim {dim}")
    sizes = dim[1 : dim[0] + 1]
    while len(sizes) > 3 and sizes[-1] == 1:
        sizes.pop()
    if len(sizes) > 4:
        raise Fault("dimensions_unsupported", f"{len(sizes)} dimensions; 2 to 4 are read")
    sizes += [1] * (4 - len(sizes))
    if sizes[0] * sizes[1] * sizes[2] > max_voxels:
        raise Fault("too_large", f"volume of {sizes[:3]} voxels declared, {max_voxels} allowed")
    return (sizes[0], sizes[1], sizes[2]), sizes[3]


def _check_pixels(raw: Any) -> None:
    code = int(raw["datatype"])
    supported = {2, 4, 8, 16, 64, 128, 256, 512, 768, 1024, 1280, 2304}
    if code not in supported:  # binary, complex, 128-bit floats
        raise Fault("unsupported_pixels", f"datatype code {code}")


def _check_length(raw: Any, path: Path, voxels: int) -> None:
    """The declared data must fit in the file, inflated at deflate's best."""
    offset = float(raw["vox_offset"])
    if not 0 <= offset <= MAX_OFFSET:
        raise Fault("malformed_header", f"vox_offset {offset:g}")
    needed = int(offset) + raw.get_data_dtype().itemsize * voxels
    data = data_file(path, raw)
    if not data.is_file():
        raise Fault("file_absent", "the .img file of this header is not there")
    size = data.stat().st_size
    with data.open("rb") as file:
        zipped = file.read(2) == b"\x1f\x8b"
    if needed > size * (DEFLATE_LIMIT if zipped else 1):
        raise Fault("truncated", f"{needed} bytes declared, the file has {size}")


def data_file(path: Path, raw: Any) -> Path:
    """Where the voxels lie: the file itself, or the .img beside a .hdr."""
    if raw["magic"].item()[:2] == b"n+":
        return path
    name = path.name
    return path.with_name(name.replace(".hdr", ".img")) if ".hdr" in name else path


def _spacing(raw: Any, shape: tuple[int, int, int]) -> tuple[float, float, float]:
    """(i, j, k) mm. Along an axis of one voxel a 0 is taken as 1: it separates nothing."""
    values = np.array(raw["pixdim"][1:4], float)
    alone = np.array([n == 1 for n in shape])
    values = np.where(alone & ~(values > 0), 1.0, values)
    mm = values * UNIT_MM.get(int(raw["xyzt_units"]) & 7, 1.0)
    if not np.isfinite(mm).all() or (mm < SPACING_MM[0]).any() or (mm > SPACING_MM[1]).any():
        raise Fault("spacing_invalid", f"pixdim {[float(f'{v:.6g}') for v in values]}")
    return float(mm[0]), float(mm[1]), float(mm[2])


def _place(raw: Any, shape: tuple[int, int, int]) -> tuple[np.ndarray | None, str, tuple[str, ...]]:
    """The affine in use (sform before qform, as is the custom) and the doubts about it."""
    unit = np.diag([UNIT_MM.get(int(raw["xyzt_units"]) & 7, 1.0)] * 3 + [1.0])
    s_code, q_code = int(raw["sform_code"]), int(raw["qform_code"])
    sform = unit @ _checked(_sform(raw)) if s_code > 0 else None
    qform = unit @ _checked(_qform(raw)) if q_code > 0 else None
    if sform is None and qform is None:
        return None, "NIfTI header, no form", (ORIENTATION_UNKNOWN,)
    flags: tuple[str, ...] = ()
    if sform is not None and qform is not None:
        flags = _compare(sform, qform, same_space=s_code == q_code, shape=shape)
    if sform is not None:
        return RAS_TO_LPS @ sform, "NIfTI sform", flags
    return RAS_TO_LPS @ qform, "NIfTI qform", flags


def _compare(
    sform: np.ndarray, qform: np.ndarray, *, same_space: bool, shape: tuple[int, int, int]
) -> tuple[str, ...]:
    """Forms of one space must agree within a voxel; of two spaces they must name the same axes."""
    voxel = float(np.linalg.norm(sform[:3, :3], axis=0).min())
    apart = displacement_mm(sform, qform, shape) / voxel
    if axis_order(sform) != axis_order(qform):
        raise Fault("forms_disagree", "qform and sform name other patient axes for the voxel axes")
    if apart > 1 and same_space:
        raise Fault("forms_disagree", f"the forms place a corner {apart:.1f} voxels apart")
    return (FORMS_DIFFER,) if apart > 1 else ()


def _checked(affine: np.ndarray) -> np.ndarray:
    if not np.isfinite(affine).all():
        raise Fault("affine_not_finite", "the affine holds NaN or infinity")
    lengths = np.linalg.norm(affine[:3, :3], axis=0)
    if lengths.min() == 0 or abs(np.linalg.det(affine[:3, :3] / lengths)) < 1e-3:
        raise Fault("affine_singular", "the affine's columns do not span space")
    return affine


def _sform(raw: Any) -> np.ndarray:
    return np.vstack([raw["srow_x"], raw["srow_y"], raw["srow_z"], [0, 0, 0, 1]]).astype(float)


def _qform(raw: Any) -> np.ndarray:
    b, c, d = (float(raw[f"quatern_{name}"]) for name in "bcd")
    offset = [float(raw[f"qoffset_{name}"]) for name in "xyz"]
    pixdim = np.array(raw["pixdim"][:4], float)
    if not np.isfinite([b, c, d, *offset, *pixdim]).all():
        raise Fault("affine_not_finite", "the qform holds NaN or infinity")
    if b * b + c * c + d * d > 1 + 1e-3:
        raise Fault("malformed_header", "the qform's quaternion is longer than 1")
    a = np.sqrt(max(0.0, 1 - (b * b + c * c + d * d)))
    rotation = _rotation(a, b, c, d)
    factor = -1.0 if pixdim[0] < 0 else 1.0  # qfac
    out = np.eye(4)
    out[:3, :3] = rotation * (pixdim[1:4] * [1, 1, factor])
    out[:3, 3] = offset
    return out


def _rotation(a: float, b: float, c: float, d: float) -> np.ndarray:
    """[3, 3] of a unit quaternion; nifti1.h, method 2."""
    return np.array(
        [
            [a * a + b * b - c * c - d * d, 2 * (b * c - a * d), 2 * (b * d + a * c)],
            [2 * (b * c + a * d), a * a + c * c - b * b - d * d, 2 * (c * d - a * b)],
            [2 * (b * d - a * c), 2 * (c * d + a * b), a * a + d * d - b * b - c * c],
        ]
    )


def _unit_flags(raw: Any) -> tuple[str, ...]:
    return (UNIT_ASSUMED,) if int(raw["xyzt_units"]) & 7 not in (1, 2, 3) else ()


def _slope_flags(raw: Any) -> tuple[str, ...]:
    slope, inter = float(raw["scl_slope"]), float(raw["scl_inter"])
    if slope != 0 and not np.isnan(slope) and not (np.isfinite(slope) and np.isfinite(inter)):
        return (SCALING_NOT_FINITE,)
    return ()
