"""Whether a card's expert can look at a scan at all, before anything is computed."""

from expert_models.experts.base import ExpertCard, Refusal, Scan, VolumeScan


def unsuitable(card: ExpertCard, scan: Scan | VolumeScan) -> Refusal | None:
    """Another modality or body part, or an input that the card needs and the scan lacks."""
    if scan.modality not in card.modalities:
        return Refusal("expert_unsuitable", f"{card.name} does not read {scan.modality}")
    if card.anatomies and scan.anatomy is not None and scan.anatomy not in card.anatomies:
        return Refusal("expert_unsuitable", f"{card.name} does not read {scan.anatomy}")
    missing = _missing(card, scan)
    return Refusal("expert_input_missing", f"{card.name} needs {missing}") if missing else None


def _missing(card: ExpertCard, scan: Scan | VolumeScan) -> str | None:
    if card.needs_spacing and scan.spacing_mm is None:
        return "the spacing"
    if isinstance(scan, VolumeScan):
        stored = scan.unit is not None
        shape = scan.values.shape
        if len(shape) != 3 or 0 in shape:
            return f"a volume of three axes, not {shape}"
    else:
        stored = scan.native is not None
        shape = scan.display.shape
        if len(shape) not in (2, 3) or 0 in shape or (len(shape) == 3 and shape[2] != 3):
            return f"a picture [H, W] or [H, W, 3], not {shape}"
        if card.refines and not scan.prompts:
            return "a box to refine"
    return "stored values (HU)" if card.needs_native and not stored else None
