"""The outline of the body on an axial CT slice."""

import numpy as np

from expert_models.experts.base import ExpertCard, Found, Prediction, Refusal, Scan
from expert_models.experts.ct.slices import (
    Spacing,
    dice,
    hounsfield,
    opened,
    parts,
    pixel_mm2,
)
from expert_models.experts.method import Method

TISSUE_HU = -300.0  # between lung or table foam (< -400) and fat (-150 to -50)
MOVED_HU = 100.0  # the threshold moves by this for `quality`
TABLE_MM = 4.0  # table tops and sheets are thinner than twice this
SHARE_OF_LARGEST = 0.2  # a second leg is kept, a hand-rest is not
SMALLEST_MM2 = 1000.0  # less is no section of a body


def body_mask(hu: np.ndarray, spacing: Spacing, tissue_hu: float = TISSUE_HU) -> np.ndarray:
    """[H, W] bool: skin and all within, table and clothes left out; empty where there is no body."""
    from scipy.ndimage import binary_fill_holes

    found = parts(opened(hu > tissue_hu, TABLE_MM, spacing))
    kept = np.zeros(hu.shape, bool)
    for part in found:
        if part.sum() >= SHARE_OF_LARGEST * found[0].sum():
            kept |= part
    if kept.sum() * pixel_mm2(spacing) < SMALLEST_MM2:
        return np.zeros(hu.shape, bool)
    return np.asarray(binary_fill_holes(kept))


class CtBody(Method):
    """One region: the body in the slice. Hu, Hoffman and Reinhardt, IEEE Trans Med Imaging 20 (2001) 490."""

    card = ExpertCard(
        name="ct-body",
        version="1",
        kind="segmenter",
        labels=("external body contour",),
        modalities=("CT",),
        anatomies=(),
        method="Threshold at -300 HU, opening against the table, largest parts, holes filled.",
        source="Hu S, Hoffman EA, Reinhardt JM, IEEE Trans Med Imaging 20 (2001) 490-498",
        license_code="Apache-2.0",
        needs_spacing=True,
        needs_native=True,
        parameters={"tissue_hu": TISSUE_HU, "table_mm": TABLE_MM},
    )

    def look(self, scan: Scan) -> Prediction:
        hu = hounsfield(self.card, scan, TISSUE_HU - MOVED_HU, TISSUE_HU + MOVED_HU)
        if isinstance(hu, Refusal):
            return hu
        assert scan.spacing_mm is not None
        mask = body_mask(hu, scan.spacing_mm)
        if not mask.any():
            return []
        moved = [body_mask(hu, scan.spacing_mm, TISSUE_HU + d) for d in (-MOVED_HU, MOVED_HU)]
        return [Found(self.card.labels[0], mask, quality=dice(*moved), instance=True)]
