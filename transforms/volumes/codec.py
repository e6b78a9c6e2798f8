"""Label volumes as NIfTI files: 3-D masks into as few layers as their overlaps allow, and back.

A file is all that 3D Slicer, ITK-SNAP or nibabel need: values, voxel size, place in the patient.
"""

import gzip
import io
from dataclasses import dataclass

import numpy as np

from transforms.formats.structures import Structure

MOST_VALUES = 65535  # of one layer: uint16, 0 is background
LPS_TO_RAS = np.diag([-1.0, -1.0, 1.0, 1.0])
INTENT_LABEL = 1002  # NIFTI_INTENT_LABEL of nifti1.h


@dataclass(frozen=True)
class Layers:
    """Encoded structures.

    files   one NIfTI file (.nii.gz) a layer
    places  (layer, value) of every structure, in the order given
    """

    files: list[bytes]
    places: list[tuple[int, int]]


@dataclass(frozen=True)
class LabelGrid:
    """A decoded layer. values [S, H, W]; affine (s, r, c, 1) -> LPS mm, or None; spacing_mm or None."""

    values: np.ndarray
    affine: np.ndarray | None
    spacing_mm: tuple[float, float, float] | None


def encode_layers(
    structures: list[Structure],
    shape: tuple[int, int, int],
    affine: np.ndarray | None,
    spacing_mm: tuple[float, float, float] | None,
) -> Layers:
    """Each structure, in order, into the first layer where it overlaps none; values count from 1.

    Exact: `decode` gives back every voxel. At most one layer is in memory at full size.
    """
    layers: list[_Layer] = []
    places = []
    for structure in structures:
        layer = next((one for one in layers if one.has_room_for(structure)), None)
        if layer is None:
            layer = _Layer()
            layers.append(layer)
        layer.add(structure)
        places.append((layers.index(layer), len(layer.members)))
    files = [encode(layer.painted(shape), affine, spacing_mm) for layer in layers]
    return Layers(files, places)


class _Layer:
    """Structures that share no voxel."""

    def __init__(self) -> None:
        self.members: list[Structure] = []
        self._boxes = np.empty((16, 2, 3), np.int64)  # grown by doubling

    def has_room_for(self, structure: Structure) -> bool:
        count = len(self.members)
        if count >= MOST_VALUES:
            return False
        boxes, (start, stop) = self._boxes[:count], box_of(structure)
        near = ((boxes[:, 0] < stop) & (boxes[:, 1] > start)).all(axis=1)
        return not any(shared(self.members[i], structure) for i in np.flatnonzero(near))

    def add(self, structure: Structure) -> None:
        count = len(self.members)
        if count == len(self._boxes):
            self._boxes = np.concatenate([self._boxes, np.empty_like(self._boxes)])
        self._boxes[count] = box_of(structure)
        self.members.append(structure)

    def painted(self, shape: tuple[int, int, int]) -> np.ndarray:
        small = len(self.members) <= np.iinfo(np.uint8).max
        values = np.zeros(shape, np.uint8 if small else np.uint16)
        for value, structure in enumerate(self.members, start=1):
            start, stop = box_of(structure)
            values[tuple(map(slice, start, stop))][structure.mask] = value
        return values


def box_of(structure: Structure) -> tuple[np.ndarray, np.ndarray]:
    """(first, last + 1) index of its crop."""
    start = np.array(structure.start)
    return start, start + structure.mask.shape


def shared(a: Structure, b: Structure) -> int:
    """Voxels that two structures of one grid have in common."""
    (a0, a1), (b0, b1) = box_of(a), box_of(b)
    start, stop = np.maximum(a0, b0), np.minimum(a1, b1)
    if (start >= stop).any():
        return 0
    one, other = (
        s.mask[tuple(map(slice, start - first, stop - first))] for s, first in ((a, a0), (b, b0))
    )
    return int(np.count_nonzero(one & other))


def encode(
    values: np.ndarray,
    affine: np.ndarray | None,
    spacing_mm: tuple[float, float, float] | None,
) -> bytes:
    """A [S, H, W] uint8 or uint16 label volume as .nii.gz; the same bytes for the same input.

    Array axes of the file are (column, row, slice). Without an affine both form codes are 0: readers
    show it by voxel size alone.
    """
    import nibabel

    header = nibabel.Nifti1Header()
    header.set_data_dtype(values.dtype)
    header.set_data_shape(values.shape[::-1])
    if spacing_mm is not None:
        header.set_zooms(spacing_mm[::-1])
        header.set_xyzt_units("mm")
    header["intent_code"] = INTENT_LABEL
    header["descrip"] = b"labels of regions; 0 is background"
    if affine is not None:
        ras = LPS_TO_RAS @ affine[:, [2, 1, 0, 3]]
        header.set_sform(ras, code=1)
        header.set_qform(ras, code=int(_is_rigid(ras)), strip_shears=True)
    header["vox_offset"] = 352  # header and an empty extension field
    out = io.BytesIO()
    with gzip.GzipFile(filename="", mode="wb", compresslevel=6, fileobj=out, mtime=0) as stream:
        stream.write(header.binaryblock + bytes(4))
        stream.write(np.ascontiguousarray(values, values.dtype.newbyteorder("<")).tobytes())
    return out.getvalue()


def _is_rigid(ras: np.ndarray) -> bool:
    """Whether the axes are at right angles, as a qform needs (scanner coordinates, code 1)."""
    units = ras[:3, :3] / np.linalg.norm(ras[:3, :3], axis=0)
    return bool(np.abs(units.T @ units - np.eye(3)).max() < 1e-4)


def decode(data: bytes) -> LabelGrid:
    """A layer as it was encoded. Raises ValueError on anything else."""
    import zlib

    import nibabel
    from nibabel.filebasedimages import ImageFileError
    from nibabel.spatialimages import HeaderDataError
    from nibabel.wrapstruct import WrapStructError

    broken = (OSError, EOFError, zlib.error, ImageFileError, HeaderDataError, WrapStructError)
    try:
        image = nibabel.Nifti1Image.from_bytes(gzip.decompress(data))
        values = np.asarray(image.dataobj)
    except broken as error:
        raise ValueError(f"no NIfTI label volume: {type(error).__name__}") from None
    if values.ndim != 3 or values.dtype not in (np.uint8, np.uint16):
        raise ValueError(f"a label volume of {values.dtype} {values.shape}")
    affine = None
    if int(image.header["sform_code"]):
        affine = (LPS_TO_RAS @ image.header.get_sform())[:, [2, 1, 0, 3]]
    zooms = [float(z) for z in image.header.get_zooms()]
    known = image.header.get_xyzt_units()[0] == "mm"
    return LabelGrid(
        values.transpose(2, 1, 0), affine, (zooms[2], zooms[1], zooms[0]) if known else None
    )
