"""The outline of the body in a CT volume."""

import numpy as np

from expert_models.experts.base import ExpertCard, Found, Prediction, VolumeScan
from expert_models.experts.ct.body import MOVED_HU, SHARE_OF_LARGEST, TABLE_MM, TISSUE_HU
from expert_models.experts.volume.grid import Coarse, Spacing, coarse, refined
from expert_models.experts.volume.method import VolumeMethod
from expert_models.experts.volume.shape import dice, each_part, filled_slices, opened, volume_ml

GRID_MM = 3.0  # the outline of a body needs no finer grid; its border is drawn in the volume's own
AIR_HU = -940.0  # lung is brighter, but for emphysema
CUT_OFF = 0.5  # share of slices
SMALLEST_ML = 20.0  # less is no section of a body


def rough_body(grid: Coarse, tissue_hu: float = TISSUE_HU) -> np.ndarray:
    """[s, h, w] bool on the coarse grid: skin and all within, without table; empty where there is no body."""
    tissue = grid.values > tissue_hu
    kept = np.zeros(grid.values.shape, bool)
    largest = 0
    for part in each_part(opened(tissue, TABLE_MM, grid.spacing_mm)):
        largest = max(largest, int(part.sum()))
        if part.sum() < SHARE_OF_LARGEST * largest:
            break
        kept |= part
    if volume_ml(kept, grid.spacing_mm) < SMALLEST_ML:
        return np.zeros(grid.values.shape, bool)
    hulls = _hulls(kept)
    kept |= tissue & hulls
    if _cut_off(kept):  # lung at the edge of the field of view is no hole
        kept |= (grid.values > AIR_HU) & hulls
    return filled_slices(kept)


def _cut_off(mask: np.ndarray) -> bool:
    """Whether the field of view cuts the body at its sides, in most slices."""
    sides = (mask[:, 0], mask[:, -1], mask[:, :, 0], mask[:, :, -1])
    return any(side.any(axis=1).mean() > CUT_OFF for side in sides)


def _hulls(mask: np.ndarray) -> np.ndarray:
    """Convex hull of every slice: a chest wall too thin for the opening lies in it, a table does not."""
    from skimage.morphology import convex_hull_image

    hulls = np.zeros_like(mask)
    for index in np.flatnonzero(mask.any(axis=(1, 2))):
        hulls[index] = convex_hull_image(mask[index])
    return hulls


def body_volume(hu: np.ndarray, spacing: Spacing) -> tuple[Coarse, np.ndarray]:
    """The coarse grid that experts of CT volumes share, and the body on it."""
    grid = coarse(hu, spacing, GRID_MM)
    return grid, rough_body(grid)


class CtBodyVolume(VolumeMethod):
    """One region: the body. Hu, Hoffman and Reinhardt, IEEE Trans Med Imaging 20 (2001) 490, in 3-D.

    A leg or an arm apart from the trunk is kept where it is a fifth of the largest part. Holes are filled
    slice by slice, since lungs and airways are open where the scan ends. No body in the volume: [].
    """

    tells = (TISSUE_HU - MOVED_HU, TISSUE_HU + MOVED_HU)

    card = ExpertCard(
        name="ct-body-3d",
        version="1",
        kind="segmenter",
        labels=("external body contour",),
        modalities=("CT",),
        anatomies=(),
        method="Threshold at -300 HU, opening with a ball against the table, largest parts, holes filled.",
        source="Hu S, Hoffman EA, Reinhardt JM, IEEE Trans Med Imaging 20 (2001) 490-498",
        license_code="Apache-2.0",
        needs_spacing=True,
        needs_native=True,
        tuned_on="nothing: the constants of ct-body",
        parameters={"tissue_hu": TISSUE_HU, "table_mm": TABLE_MM, "grid_mm": GRID_MM},
        dimensions=3,
    )

    def look(self, scan: VolumeScan) -> Prediction:
        assert scan.spacing_mm is not None
        grid, rough = body_volume(scan.values, scan.spacing_mm)
        if not rough.any():
            return []
        moved = [rough_body(grid, TISSUE_HU + d) for d in (-MOVED_HU, MOVED_HU)]
        mask = refined(grid, rough, scan.values > TISSUE_HU)
        return [Found(self.card.labels[0], mask, quality=dice(*moved))]
