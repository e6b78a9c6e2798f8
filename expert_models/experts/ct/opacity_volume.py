"""Dense parts within the lungs of a CT volume: candidates for nodules and consolidations."""

import numpy as np

from expert_models.experts.base import ExpertCard, Found, Prediction, VolumeScan
from expert_models.experts.ct.lungs import BONE_HU
from expert_models.experts.ct.lungs_volume import chest_of, rough_lungs
from expert_models.experts.ct.opacity import LARGEST_SHARE, RIM_MM, SOLID_HU
from expert_models.experts.volume.grid import Spacing, box_of, coarse
from expert_models.experts.volume.method import VolumeMethod
from expert_models.experts.volume.shape import each_part, opened, shrunk

GRID_MM = 1.0  # half a vessel of the size that is told from a nodule
VESSEL_MM = 2.5  # a ball of this radius does not fit into a smaller vessel
SMALLEST_ML = 0.1  # a ball of 6 mm, below which nodules are not followed (MacMahon et al., 2017)
LONGEST = 4.0  # longest side of its box by the diameter of a ball as large: more is a vessel
MOST = 50  # of one lung, largest first: beyond them it is a texture


def opacity_volume(hu: np.ndarray, lung: np.ndarray, spacing: Spacing) -> np.ndarray:
    """[S, H, W] bool: dense parts of one lung, its own border left out."""
    box = box_of(lung)
    grid = coarse(hu[box], spacing, GRID_MM)
    inner = shrunk(grid.down(lung[box]) & ~grid.down(~lung[box]), RIM_MM, grid.spacing_mm)
    dense = opened((grid.values > SOLID_HU) & inner, VESSEL_MM, grid.spacing_mm)
    least = max(1, round(SMALLEST_ML * 1000.0 / float(np.prod(grid.spacing_mm))))
    kept = np.zeros(dense.shape, bool)
    for part in each_part(dense, least, MOST):
        if part.sum() <= LARGEST_SHARE * inner.sum() and not _is_vessel(part, grid.spacing_mm):
            kept |= part
    whole = np.zeros(hu.shape, bool)
    whole[box] = grid.up(kept, lung[box].shape) & (hu[box] > SOLID_HU)
    return whole


def _is_vessel(part: np.ndarray, spacing: Spacing) -> bool:
    """Long and thin: its box is far longer than a ball of its volume is wide."""
    box = box_of(part)
    longest = max((b.stop - b.start) * step for b, step in zip(box, spacing, strict=True))
    ball = (6.0 / np.pi * float(part.sum()) * float(np.prod(spacing))) ** (1 / 3)
    return longest > LONGEST * ball


class CtLungOpacityVolume(VolumeMethod):
    """Dense parts surrounded by lung, after Armato et al., RadioGraphics 19 (1999) 1303, at one gray level.

    Vessels go by an opening with a ball (Kostis et al., IEEE Trans Med Imaging 22 (2003) 1259) and by
    their length. What lies against the chest wall, or fills a lobe, is not lung to this method and is
    missed. On slices thicker than 3 mm a crossing vessel looks like a nodule.
    """

    tells = (-800.0, BONE_HU)

    card = ExpertCard(
        name="ct-lung-opacity-3d",
        version="1",
        kind="segmenter",
        labels=("lung opacity",),
        modalities=("CT",),
        anatomies=(),
        method="Above -300 HU inside the lungs of ct-lungs-3d, vessels removed by opening and by length.",
        source="Armato SG et al., RadioGraphics 19 (1999) 1303-1311; "
        "Kostis WJ et al., IEEE Trans Med Imaging 22 (2003) 1259-1274",
        license_code="Apache-2.0",
        candidate=True,
        needs_spacing=True,
        needs_native=True,
        tuned_on="nothing: no sample holds an annotated nodule",
        parameters={"solid_hu": SOLID_HU, "vessel_mm": VESSEL_MM, "smallest_ml": SMALLEST_ML},
        dimensions=3,
    )

    def look(self, scan: VolumeScan) -> Prediction:
        assert scan.spacing_mm is not None
        seen = chest_of(scan.values, scan.spacing_mm)
        if seen is None:
            return []
        chest, _ = seen
        found = np.zeros(scan.values.shape, bool)
        for rough in rough_lungs(chest):
            lung = chest.grid.up(rough, found.shape)
            found |= opacity_volume(scan.values, lung, scan.spacing_mm)
        # one mask of all: a mask of the whole volume for each would not fit into memory
        return [Found(self.card.labels[0], found, instance=False)] if found.any() else []
