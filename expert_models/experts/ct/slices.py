"""What every CT expert needs: checked Hounsfield units, and morphology in millimetres."""

import numpy as np

from expert_models.experts.base import ExpertCard, Refusal, Scan

Spacing = tuple[float, float]


def hounsfield(card: ExpertCard, scan: Scan, low: float, high: float) -> np.ndarray | Refusal:
    """[H, W] float32 HU of an axial slice, or why not. `low`, `high`: the values the method must tell."""
    if scan.native is None or scan.unit != "HU":
        return Refusal("expert_input_missing", f"{card.name} needs Hounsfield units")
    if scan.native.shape != scan.display.shape[:2]:
        return Refusal("expert_input_missing", "stored values and picture differ in size")
    if scan.spacing_mm is None or not all(0 < s < np.inf for s in scan.spacing_mm):
        return Refusal("expert_input_missing", f"{card.name} needs the pixel spacing")
    if scan.plane != "axial":
        return Refusal("expert_input_missing", f"{card.name} needs an axial slice: {scan.plane}")
    if scan.native_range is not None and not (
        scan.native_range[0] <= low and high <= scan.native_range[1]
    ):
        return Refusal(
            "expert_input_missing",
            f"values are clipped to {scan.native_range}, needs {low}..{high}",
        )
    hu = np.asarray(scan.native, np.float32)
    if not np.isfinite(hu).all():
        return Refusal("expert_input_missing", "stored values hold NaN or infinity")
    return hu


def pixel_mm2(spacing: Spacing) -> float:
    """Area of a pixel."""
    return spacing[0] * spacing[1]


def dilated(mask: np.ndarray, radius_mm: float, spacing: Spacing) -> np.ndarray:
    """Every pixel within the radius of the mask; a disc in mm, also where pixels are oblong."""
    from scipy.ndimage import distance_transform_edt

    if not mask.any():
        return np.zeros_like(mask)
    return np.asarray(distance_transform_edt(~mask, sampling=spacing) <= radius_mm)


def eroded(mask: np.ndarray, radius_mm: float, spacing: Spacing) -> np.ndarray:
    """Every pixel farther than the radius from what is not mask. The image border does not erode."""
    return ~dilated(~mask, radius_mm, spacing)


def opened(mask: np.ndarray, radius_mm: float, spacing: Spacing) -> np.ndarray:
    """Without what a disc of the radius does not fit into."""
    return dilated(eroded(mask, radius_mm, spacing), radius_mm, spacing) & mask


def closed(mask: np.ndarray, radius_mm: float, spacing: Spacing) -> np.ndarray:
    """With every gap that a disc of the radius does not fit into."""
    return eroded(dilated(mask, radius_mm, spacing), radius_mm, spacing) | mask


def parts(mask: np.ndarray) -> list[np.ndarray]:
    """Its 8-connected components, largest first; of equal ones, the first in reading order."""
    from scipy.ndimage import label

    marks, count = label(mask, np.ones((3, 3)))
    sizes = np.bincount(marks.ravel(), minlength=count + 1)[1:]
    return [marks == n + 1 for n in np.argsort(-sizes, kind="stable")]


def dice(a: np.ndarray, b: np.ndarray) -> float:
    """Twice the shared area over the sum of areas; 1 where both are empty."""
    total = int(a.sum()) + int(b.sum())
    return 2.0 * int((a & b).sum()) / total if total else 1.0
