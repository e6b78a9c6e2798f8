"""Dense bone on an axial CT slice."""

import numpy as np

from expert_models.experts.base import ExpertCard, Found, Prediction, Refusal, Scan
from expert_models.experts.ct.body import TISSUE_HU, body_mask
from expert_models.experts.ct.slices import Spacing, dice, hounsfield, parts, pixel_mm2
from expert_models.experts.method import Method

BONE_HU = 180.0  # above muscle and unenhanced blood (to 80); marrow and thin ribs blur to less
MOVED_HU = 40.0  # the threshold moves by this for `quality`
SMALLEST_MM2 = 20.0  # less is a calcification, a clip or noise
METAL_HU = 2500.0  # denser than any bone


def bone_mask(hu: np.ndarray, spacing: Spacing, bone_hu: float = BONE_HU) -> np.ndarray:
    """[H, W] bool: dense parts of the body. Marrow is not filled in: rings of bowel or vessels would be."""
    body = body_mask(hu, spacing)
    kept = np.zeros(hu.shape, bool)
    for part in parts((hu > bone_hu) & (hu < METAL_HU) & body):
        if part.sum() * pixel_mm2(spacing) < SMALLEST_MM2:
            break
        kept |= part
    return kept


class CtBone(Method):
    """Cortical and other dense bone, as one region; a candidate, for contrast medium is as dense.

    A fixed threshold with a size limit, as Kalender et al., Radiology 164 (1987) 419, separate bone in CT.
    """

    card = ExpertCard(
        name="ct-bone",
        version="1",
        kind="segmenter",
        labels=("cortical bone",),
        modalities=("CT",),
        anatomies=(),
        method="Threshold at 180 HU within the body, small parts and metal left out.",
        source="Kalender WA et al., Radiology 164 (1987) 419-423",
        license_code="Apache-2.0",
        candidate=True,
        needs_spacing=True,
        needs_native=True,
        tuned_on="even half (sha256 of item and slice) of the TotalSegmentator example CTs",
        parameters={"bone_hu": BONE_HU, "smallest_mm2": SMALLEST_MM2},
    )

    def look(self, scan: Scan) -> Prediction:
        hu = hounsfield(self.card, scan, TISSUE_HU, BONE_HU + MOVED_HU)
        if isinstance(hu, Refusal):
            return hu
        assert scan.spacing_mm is not None
        mask = bone_mask(hu, scan.spacing_mm)
        if not mask.any():
            return []
        moved = [bone_mask(hu, scan.spacing_mm, BONE_HU + d) for d in (-MOVED_HU, MOVED_HU)]
        return [Found(self.card.labels[0], mask, quality=dice(*moved))]
