"""A volume as NIfTI, for models that take it so, and their label map back on the volume's grid.

A `VolumeScan` that is placed runs foot to head, front to back, right to left (array axes S, P, L). NIfTI
counts x fastest and its world is RAS+, so the array is transposed to (L, P, S) and the affine goes down
along x and y. There is no origin: where the scanner stood changes nothing.
"""

from typing import Any

import numpy as np

from expert_models.experts.base import Refusal, VolumeScan


def unplaced(name: str, scan: VolumeScan) -> Refusal | None:
    """Why a volume cannot be shown to a model that must know head from feet and millimetres."""
    if not scan.placed:
        lack = "must know which way the patient lies; the file does not say"
    elif scan.spacing_mm is None or not all(0 < step < np.inf for step in scan.spacing_mm):
        lack = f"needs the spacing of voxels in mm; it is {scan.spacing_mm}"
    elif scan.modality == "CT" and scan.unit != "HU":
        lack = f"needs Hounsfield units; the unit is {scan.unit!r}"
    else:
        return None
    return Refusal("expert_input_missing", f"{name} {lack}")


def nifti_of(scan: VolumeScan) -> Any:
    """A Nifti1Image of float32, axes left, posterior, superior. The scan is placed and has a spacing."""
    import nibabel as nib

    if scan.spacing_mm is None:
        raise ValueError("a volume without spacing has no affine")
    slices, rows, columns = scan.spacing_mm
    affine = np.diag([-columns, -rows, slices, 1.0])
    image = nib.Nifti1Image(
        np.ascontiguousarray(scan.values.transpose(2, 1, 0), np.float32), affine
    )
    image.header.set_xyzt_units("mm")
    return image


def on_grid(labels: Any, scan: VolumeScan) -> np.ndarray:
    """[S, H, W] int32 of a label image that covers the same voxels, in whatever axis order it came.

    Raises ValueError where its voxels are not those of the scan: then it would have to be resampled, and
    labels shifted by that are worse than none.
    """
    from nibabel.orientations import axcodes2ornt, io_orientation, ornt_transform

    turn = ornt_transform(io_orientation(labels.affine), axcodes2ornt(("L", "P", "S")))
    turned = labels.as_reoriented(turn)
    values = np.asarray(turned.dataobj)
    wanted = scan.values.shape[::-1]
    if values.shape != wanted:
        raise ValueError(f"the label map has {values.shape} voxels; expected {wanted}")
    given = nifti_of(scan).affine
    if not np.allclose(turned.affine, given, atol=1e-3 * float(np.abs(np.diag(given)).max())):
        raise ValueError(
            f"the label map lies elsewhere than its volume: affine {turned.affine.round(3).tolist()}"
        )
    return np.ascontiguousarray(values.transpose(2, 1, 0)).astype(np.int32)
