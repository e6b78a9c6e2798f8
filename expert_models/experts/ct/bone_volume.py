"""Dense bone in a CT volume."""

import numpy as np

from expert_models.experts.base import ExpertCard, Found, Prediction, VolumeScan
from expert_models.experts.ct.body import TISSUE_HU
from expert_models.experts.ct.body_volume import body_volume
from expert_models.experts.ct.bone import BONE_HU, METAL_HU, MOVED_HU
from expert_models.experts.volume.grid import Spacing
from expert_models.experts.volume.method import VolumeMethod
from expert_models.experts.volume.shape import dice

SURE_HU = 300.0  # a part without a voxel as dense is enhanced vessel, kidney or cartilage
SMALLEST_ML = 0.5  # less is a calcification, a stone or a clip


def bone_volume(
    hu: np.ndarray, body: np.ndarray, spacing: Spacing, bone_hu: float = BONE_HU
) -> np.ndarray:
    """[S, H, W] bool: dense parts of the body that are large and hold a voxel of sure bone.

    Marrow is not filled in: rings of bowel or vessels would be.
    """
    from scipy.ndimage import label

    marks, count = label((hu > bone_hu) & (hu < METAL_HU) & body, np.ones((3, 3, 3)))
    if not count:
        return np.zeros(hu.shape, bool)
    sizes = np.bincount(marks.ravel(), minlength=count + 1)
    sure = np.bincount(marks[hu > SURE_HU], minlength=count + 1) > 0
    kept = sure & (sizes * float(np.prod(spacing)) / 1000.0 >= SMALLEST_ML)
    kept[0] = False
    return np.asarray(kept[marks])


class CtBoneVolume(VolumeMethod):
    """Cortical and other dense bone, as one region; a candidate, for contrast medium is as dense.

    A fixed threshold with a size limit, as Kalender et al., Radiology 164 (1987) 419, separate bone in CT;
    in 3-D, where a rib is one part with many slices and a calcification is small.
    """

    tells = (TISSUE_HU, BONE_HU + MOVED_HU)

    card = ExpertCard(
        name="ct-bone-3d",
        version="1",
        kind="segmenter",
        labels=("cortical bone",),
        modalities=("CT",),
        anatomies=(),
        method="Connected above 180 HU with a core above 300 HU within the body; small parts and metal left out.",
        source="Kalender WA et al., Radiology 164 (1987) 419-423",
        license_code="Apache-2.0",
        candidate=True,
        needs_spacing=True,
        needs_native=True,
        tuned_on="nothing: the threshold of ct-bone",
        parameters={"bone_hu": BONE_HU, "sure_hu": SURE_HU, "smallest_ml": SMALLEST_ML},
        dimensions=3,
    )

    def look(self, scan: VolumeScan) -> Prediction:
        assert scan.spacing_mm is not None
        grid, rough = body_volume(scan.values, scan.spacing_mm)
        body = grid.up(rough, scan.values.shape)
        mask = bone_volume(scan.values, body, scan.spacing_mm)
        if not mask.any():
            return []
        low, high = (
            bone_volume(scan.values, body, scan.spacing_mm, BONE_HU + d)
            for d in (-MOVED_HU, MOVED_HU)
        )
        return [Found(self.card.labels[0], mask, quality=dice(low, high), instance=False)]
