"""Dense spots within the lungs of an axial CT slice: candidates for nodules and consolidations."""

import numpy as np

from expert_models.experts.base import ExpertCard, Found, Prediction, Refusal, Scan
from expert_models.experts.ct.bone import BONE_HU
from expert_models.experts.ct.lungs import AIR_HU, lung_masks
from expert_models.experts.ct.slices import Spacing, eroded, hounsfield, opened, parts, pixel_mm2
from expert_models.experts.method import Method

SOLID_HU = -300.0  # between aerated lung and soft tissue, blurred edges included
RIM_MM = 3.0  # the lung's own border is left out: pleura, and diaphragm cut aslant
VESSEL_MM = 2.5  # thinner than twice this is a vessel cut across or along
SMALLEST_MM2 = 28.0  # a disc of 6 mm, below which nodules are not followed (MacMahon et al., 2017)
LARGEST_SHARE = 0.5  # of its lung: more is a dome of the diaphragm


def opacity_masks(hu: np.ndarray, spacing: Spacing) -> list[np.ndarray]:
    """[H, W] bool each, largest first within a lung, image left first."""
    found = []
    for lung in lung_masks(hu, spacing):
        dense = (hu > SOLID_HU) & eroded(lung, RIM_MM, spacing)
        for part in parts(opened(dense, VESSEL_MM, spacing)):
            large = part.sum() * pixel_mm2(spacing) >= SMALLEST_MM2
            if large and part.sum() <= LARGEST_SHARE * lung.sum():
                found.append(part)
    return found


class CtLungOpacity(Method):
    """Dense spots surrounded by lung, after Armato et al., RadioGraphics 19 (1999) 1303, at one gray level.

    In one slice a vessel cut across and a nodule look alike; size tells them apart only roughly. What lies
    against the chest wall is not lung to this method, so it is missed.
    """

    card = ExpertCard(
        name="ct-lung-opacity",
        version="1",
        kind="segmenter",
        labels=("lung opacity",),
        modalities=("CT",),
        anatomies=(),
        method="Above -300 HU inside the lungs of ct-lungs, vessels removed by opening.",
        source="Armato SG et al., RadioGraphics 19 (1999) 1303-1311",
        license_code="Apache-2.0",
        candidate=True,
        needs_spacing=True,
        needs_native=True,
        tuned_on="nothing: no sample holds an annotated nodule",
        parameters={"solid_hu": SOLID_HU, "vessel_mm": VESSEL_MM},
    )

    def look(self, scan: Scan) -> Prediction:
        hu = hounsfield(self.card, scan, AIR_HU, BONE_HU)
        if isinstance(hu, Refusal):
            return hu
        assert scan.spacing_mm is not None
        return [Found(self.card.labels[0], mask) for mask in opacity_masks(hu, scan.spacing_mm)]
