"""NIfTI files to pictures."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np

from schemas.fact import Statement
from schemas.reject import Fault
from transforms.formats.cutting import canonical, cut_volume
from transforms.formats.flags import VALUES_NOT_FINITE
from transforms.formats.nifti_header import MAX_VOXELS, NiftiHeader, read_header
from transforms.formats.nifti_labels import read_structures
from transforms.formats.nifti_values import read_values
from transforms.formats.volume import Cut, LabelVolume, See, Seen, Volume, Whole
from transforms.picture import Picture


def read_nifti(
    path: Path, *, cut: Cut, labels: LabelVolume | None = None, modality: str | None = None,
    max_voxels: int = MAX_VOXELS, see: See | None = None,
) -> Iterator[Picture | Fault]:  # fmt: skip
    """Pictures of a .nii, .nii.gz or .hdr/.img volume by the policy `cut`.

    labels    on the volume's grid (any axis order); their masks become the pictures' annotations.
              A label file that cannot be used is a Fault of scope "region"; the pictures stay
    modality  code of vocab/modalities.yaml; the format has no place for it. "CT" makes the unit HU
    see       asked of every volume before its slices are chosen
    yields    pictures, keys "plane=axial;slice=0012" (of a 4-D file "volume=0000;plane=..."), or
              one Fault of scope "item" when the volume cannot be read
    """
    try:
        header = read_header(path, max_voxels=max_voxels)
        numbers = range(header.volumes if cut.frames == "all" else 1)
        structures, complete, faults = read_structures(labels, header) if labels else ([], [], [])
        yield from faults
        for number in numbers:
            volume = canonical(read_volume(path, header, number, modality))
            key = f"volume={number:04d};" if header.volumes > 1 else ""
            seen = Seen(None, structures)
            if see is not None:
                seen = see(_whole(volume, key, complete), structures)
                yield from seen.faults
            for picture in cut_volume(
                volume, seen.structures, cut, key=key, pointer=header.pointer, id=seen.id
            ):
                _finish(picture, header, number, complete)
                yield picture
    except Fault as fault:
        yield fault


def read_volume(
    path: Path, header: NiftiHeader, number: int = 0, modality: str | None = None
) -> Volume:
    """Volume `number` in index order (k, j, i), slope and intercept applied. Raises Fault."""
    values = read_values(path, header, number)
    flags = header.flags
    if values.dtype.kind == "f" and not np.isfinite(values).all():
        flags = (*flags, VALUES_NOT_FINITE)
    affine = None if header.affine is None else header.affine[:, [2, 1, 0, 3]]
    spacing = header.spacing_mm and header.spacing_mm[::-1]
    values = np.swapaxes(values, 0, 2)
    if affine is None:
        values = values[:, ::-1]  # by custom +j points up; no claim is made about the patient
    unit = "HU" if modality == "CT" else None
    return Volume(values, affine, spacing, modality, unit, flags)  # type: ignore[arg-type]


def _whole(volume: Volume, key: str, complete: list[str]) -> Whole:
    colour = volume.values.ndim == 4
    return Whole(
        key,
        volume.values.shape[:3],  # type: ignore[arg-type]
        volume.affine,
        volume.spacing_mm,
        volume.modality,
        volume.unit,
        volume.flags,
        None if colour else lambda: volume.values,
        complete=tuple(complete),
    )


def _finish(picture: Picture, header: NiftiHeader, number: int, complete: list[str]) -> None:
    if header.volumes > 1:
        picture.note("volume_of_series", volume=number, volumes=header.volumes)
    if picture.modality is not None:
        picture.statements.append(
            Statement("modality", picture.modality, origin="declared", pointer="source declaration")
        )
    picture.complete = list(complete)
