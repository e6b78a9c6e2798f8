"""What the experts of this family can look at: a colour picture of an endoscope."""

import numpy as np

from expert_models.experts.base import ExpertCard, Refusal, Scan

SMALLEST_SIDE = 64  # px; in fewer, a highlight is smaller than a pixel


def refusal(scan: Scan, card: ExpertCard) -> Refusal | None:
    """Why this scan is not looked at, or None."""
    if scan.modality not in card.modalities:
        return Refusal("expert_unsuitable", f"{card.name} does not read {scan.modality}")
    if card.anatomies and scan.anatomy is not None and scan.anatomy not in card.anatomies:
        return Refusal("expert_unsuitable", f"{card.name} does not read {scan.anatomy}")
    if scan.display.ndim != 3 or scan.display.shape[2] != 3 or scan.display.dtype != np.uint8:
        return Refusal("expert_input_missing", f"{card.name} needs 8-bit colour")
    if min(scan.display.shape[:2]) < SMALLEST_SIDE:
        return Refusal("expert_input_missing", f"{card.name} needs {SMALLEST_SIDE} px a side")
    return None
