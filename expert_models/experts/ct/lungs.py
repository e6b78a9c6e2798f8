"""Left and right lung on an axial CT slice."""

import numpy as np

from expert_models.experts.base import ExpertCard, Found, Prediction, Refusal, Scan
from expert_models.experts.ct.body import body_mask
from expert_models.experts.ct.slices import (
    Spacing,
    closed,
    dice,
    dilated,
    eroded,
    hounsfield,
    parts,
    pixel_mm2,
)
from expert_models.experts.method import Method

AIR_HU = -1000.0
FIRST_HU = -500.0  # where the iterative threshold starts: half way from air to water
THRESHOLD_HU = (-600.0, -300.0)  # where it may end; a slice without lung would pull it away
MOVED_HU = 75.0  # the threshold moves by this for `quality`
LUNG_MEDIAN_HU = (
    -945.0,
    -550.0,
)  # gas of trachea, stomach or bowel is darker, metal streaks brighter
BONE_HU = 200.0
AT_RIBS_MM = 10.0  # lung lies along ribs or spine, gas of trachea and bowel does not
AT_RIBS_SHARE = 0.03  # share of its pixels that do
SMALLEST_MM2 = 150.0  # below, a tip of lung cannot be told from a fold with gas
BRIDGE_MM = 12.0  # half the widest junction of two lungs that is cut
VESSEL_MM = 6.0  # half the widest vessel or nodule at the border that closing takes in
ASIDE_MM = 15.0  # bone lies so far to a side, and more than up or down: a quarter turn
ONE_SIDE = 0.8  # share of a lung that lies in its half of the body, or it gets no side


def iterative_threshold(hu: np.ndarray, body: np.ndarray) -> float:
    """The HU half way between the mean of air and lung, and the mean of the body, until it rests."""
    values = hu[body]
    threshold = FIRST_HU
    for _ in range(50):
        dark, bright = values[values < threshold], values[values >= threshold]
        if not dark.size or not bright.size:
            break
        moved = (float(dark.mean()) + float(bright.mean())) / 2
        if abs(moved - threshold) < 1:
            break
        threshold = moved
    return float(np.clip(threshold, *THRESHOLD_HU))


def midline(body: np.ndarray) -> float:
    """Column of the middle of the body, from its outermost columns."""
    columns = np.flatnonzero(body.any(axis=0))
    return float(columns[0] + columns[-1] + 1) / 2


def lung_masks(hu: np.ndarray, spacing: Spacing, moved: float = 0.0) -> list[np.ndarray]:
    """[H, W] bool each: lungs, at most one on either side of the body's middle, image left first."""
    body = body_mask(hu, spacing)
    if not body.any():
        return []
    dark = (hu < iterative_threshold(hu, body) + moved) & body
    at_ribs = dilated((hu > BONE_HU) & body, AT_RIBS_MM, spacing)
    middle = midline(body)
    halves: list[list[np.ndarray]] = [[], []]
    for part in parts(dark):
        if part.sum() * pixel_mm2(spacing) < SMALLEST_MM2 or not _is_lung(hu, part, spacing):
            continue
        if (part & at_ribs).sum() < AT_RIBS_SHARE * part.sum():
            continue
        for lung in separated(part, middle, spacing):
            halves[int(np.nonzero(lung)[1].mean() + 0.5 > middle)].append(lung)
    return _disjoint([_smooth(np.any(half, axis=0), spacing) & body for half in halves if half])


def _is_lung(hu: np.ndarray, part: np.ndarray, spacing: Spacing) -> bool:
    inner = eroded(part, 2 * max(spacing), spacing)  # the rim is blurred with tissue
    values = hu[inner if inner.any() else part]
    return LUNG_MEDIAN_HU[0] <= float(np.median(values)) <= LUNG_MEDIAN_HU[1]


def separated(part: np.ndarray, middle: float, spacing: Spacing) -> list[np.ndarray]:
    """The two lungs of a component that reaches far over the middle, cut where it is narrowest."""
    from scipy.ndimage import distance_transform_edt

    right = np.arange(part.shape[1])[None, :] + 0.5 > middle
    share = float((part & right).sum()) / float(part.sum())
    if not 1 - ONE_SIDE < share < ONE_SIDE:
        return [part]
    radius = max(spacing)
    while radius <= BRIDGE_MM:
        seeds = parts(eroded(part, radius, spacing))[:2]
        if len(seeds) == 2 and seeds[1].sum() > 0.2 * seeds[0].sum():
            near = [distance_transform_edt(~seed, sampling=spacing) for seed in seeds]
            return [part & (near[0] <= near[1]), part & (near[0] > near[1])]
        radius += max(spacing) / 2
    return [part & ~right, part & right]


def _smooth(mask: np.ndarray, spacing: Spacing) -> np.ndarray:
    from scipy.ndimage import binary_fill_holes

    return np.asarray(binary_fill_holes(closed(mask, VESSEL_MM, spacing)))


def _disjoint(masks: list[np.ndarray]) -> list[np.ndarray]:
    """Closing may make two lungs meet: what both claim is neither's."""
    if len(masks) < 2:
        return masks
    both = masks[0] & masks[1]
    return [mask & ~both for mask in masks]


def side_label(lung: np.ndarray, middle: float, orientation: str | None) -> str:
    """`left lung` or `right lung` of the patient where the scan says what its columns point to."""
    toward = (orientation or "").split("\\")[0][:1]
    right_half = float(np.mean(np.nonzero(lung)[1] + 0.5 > middle))
    if toward not in ("L", "R") or max(right_half, 1 - right_half) < ONE_SIDE:
        return "lung"
    patient_left = (right_half > 0.5) == (toward == "L")
    return "left lung" if patient_left else "right lung"


def upright(orientation: str) -> bool:
    """Whether columns go to a side of the patient and rows to front or back; lungs lie side by side then."""
    columns, _, rows = orientation.partition("\\")
    return columns in ("L", "R") and rows in ("A", "P")


def bone_offset(hu: np.ndarray, body: np.ndarray, spacing: Spacing) -> tuple[float, float]:
    """How far bone lies from the middle of the body, mm (down, right): the spine outweighs the breastbone."""
    bone = (hu > BONE_HU) & body
    if not bone.any():
        return 0.0, 0.0
    down, right = np.mean(np.nonzero(bone), axis=1) - np.mean(np.nonzero(body), axis=1)
    return float(down * spacing[0]), float(right * spacing[1])


def borne_out(offset: tuple[float, float], orientation: str | None) -> bool:
    """Whether bone lies toward the back that the orientation states; not where a slice was turned later."""
    down, right = offset
    return (down if (orientation or "").endswith("P") else -down) > abs(right)


class CtLungs(Method):
    """Lungs, one region a side. Hu, Hoffman and Reinhardt, IEEE Trans Med Imaging 20 (2001) 490, on a slice.

    Iterative threshold, air outside the body and gas removed, the two lungs cut apart at their thinnest
    junction (erosion here, a cost path there), borders closed over vessels. In a single slice gas of bowel
    is not told by its connection, so lung must also lie along bone. No lung in the slice: []. No side where
    the orientation is unknown or the place of the spine speaks against it.
    """

    card = ExpertCard(
        name="ct-lungs",
        version="1",
        kind="segmenter",
        labels=("left lung", "right lung", "lung"),
        modalities=("CT",),
        anatomies=(),
        method="Iterative HU threshold inside the body, gas removed, lungs cut apart, borders closed.",
        source="Hu S, Hoffman EA, Reinhardt JM, IEEE Trans Med Imaging 20 (2001) 490-498",
        license_code="Apache-2.0",
        needs_spacing=True,
        needs_native=True,
        tuned_on="even half (sha256 of item and slice) of the TotalSegmentator example CTs",
        parameters={"threshold_hu": THRESHOLD_HU, "median_hu": LUNG_MEDIAN_HU},
    )

    def look(self, scan: Scan) -> Prediction:
        hu = hounsfield(self.card, scan, AIR_HU, BONE_HU)
        if isinstance(hu, Refusal):
            return hu
        if scan.orientation is not None and not upright(scan.orientation):
            return Refusal(
                "expert_unsuitable", f"orientation {scan.orientation}: needs lungs side by side"
            )
        assert scan.spacing_mm is not None
        lungs = lung_masks(hu, scan.spacing_mm)
        if not lungs:
            return []
        body = body_mask(hu, scan.spacing_mm)
        offset = bone_offset(hu, body, scan.spacing_mm)
        if abs(offset[1]) > max(ASIDE_MM, 2 * abs(offset[0])):
            return Refusal("expert_unsuitable", "bone lies to one side: the slice is turned")
        low, high = (lung_masks(hu, scan.spacing_mm, d) for d in (-MOVED_HU, MOVED_HU))
        told = scan.orientation if borne_out(offset, scan.orientation) else None
        return [
            Found(side_label(lung, midline(body), told), lung, quality=_stable(lung, low + high))
            for lung in lungs
        ]


def _stable(lung: np.ndarray, others: list[np.ndarray]) -> float:
    """Least overlap with what a moved threshold gives; 0 where it gives nothing there."""
    overlaps = [dice(lung, other) for other in others if (lung & other).any()]
    return min(overlaps) if len(overlaps) >= 2 else 0.0
