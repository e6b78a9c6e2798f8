"""The brain in an MR volume of the head."""

import numpy as np

from expert_models.experts.base import ExpertCard, Found, Prediction, VolumeScan
from expert_models.experts.mr.stripped import stripped_brain
from expert_models.experts.volume.grid import Coarse, Spacing, coarse, refined
from expert_models.experts.volume.method import VolumeMethod
from expert_models.experts.volume.shape import (
    closed,
    depth_mm,
    dice,
    filled_slices,
    grown,
    opened,
    parts,
    volume_ml,
)

GRID_MM = 2.0  # half the bridges between brain and scalp that are cut
CUT_MM = (
    2.5,
    3.0,
    4.0,
    5.0,
    6.0,
    7.0,
    8.0,
)  # erosions tried to cut brain from eyes, muscle and scalp
SULCI_MM = 5.0  # narrower than twice this is taken in
BRAIN_ML = (350.0, 2200.0)  # from an infant's to the largest; a scan may cut it
SHARE = (0.12, 0.7)  # of the head
NEAR_SKIN_MM = 4.0  # a brain does not come as near to the outside of the head
SKIN_SHARE = 0.2  # share of its border that may, where the scan cuts it
BAND_MM = (2.0, 7.0)  # distance from the brain at which bone and fluid lie
BAND_LEVEL = 0.6  # of the brain's median: bone is darker than this
CENTRAL = 0.25  # the brain's centre lies this near the middle of the head; share of its sides
MOVED = 0.15  # the level moves by this share for `quality`


def head_of(values: np.ndarray, spacing: Spacing) -> np.ndarray:
    """[s, h, w] bool: everything above the noise of air, gaps and holes filled, the largest part."""
    from skimage.filters import threshold_otsu

    if np.ptp(values) <= 0:
        return np.zeros(values.shape, bool)
    # half of Otsu's level: bone and fluid are dark, air is darker still
    lit = opened(values > threshold_otsu(values) / 2, min(spacing), spacing)
    found = parts(filled_slices(closed(lit, SULCI_MM, spacing)), most=1)
    return found[0] if found else lit


def cut_out(grid: Coarse, head: np.ndarray, moved: float = 1.0) -> np.ndarray | None:
    """[s, h, w] bool: the part that comes free under a growing erosion, grown back and its sulci filled."""
    from skimage.filters import threshold_otsu

    values, spacing = grid.values, grid.spacing_mm
    inside = values[head]
    level = moved * min(float(threshold_otsu(inside)), 0.75 * float(np.median(inside)))
    bright = head & (values > level)
    depth = depth_mm(bright, spacing)
    to_skin = depth_mm(np.pad(head, 1), spacing)[1:-1, 1:-1, 1:-1]
    for cut in CUT_MM:
        for seed in parts(depth > cut, most=2):
            part = bright & grown(seed, cut + min(spacing) / 2, spacing)
            part = filled_slices(closed(part, SULCI_MM, spacing)) & head
            if _is_brain(grid, part, head, to_skin):
                return part
    return None


def _is_brain(grid: Coarse, part: np.ndarray, head: np.ndarray, to_skin: np.ndarray) -> bool:
    spacing = grid.spacing_mm
    share = float(part.sum()) / float(head.sum())
    if not (SHARE[0] <= share <= SHARE[1]):
        return False
    if not BRAIN_ML[0] <= volume_ml(part, spacing) <= BRAIN_ML[1]:
        return False
    if not _central(part, head):
        return False
    outside = depth_mm(~part, spacing)
    band = grid.values[(outside > BAND_MM[0]) & (outside <= BAND_MM[1]) & head]
    if not band.size or np.median(band) > BAND_LEVEL * np.median(grid.values[part]):
        return False
    border = part & (depth_mm(part, spacing) <= min(spacing))
    return float((to_skin[border] <= NEAR_SKIN_MM).mean()) <= SKIN_SHARE


def _central(part: np.ndarray, head: np.ndarray) -> bool:
    """Across the axial plane; the head of a scan may go on to the neck."""
    for axis in (1, 2):
        whole = np.nonzero(head)[axis]
        off = abs(float(np.nonzero(part)[axis].mean()) - (whole.min() + whole.max()) / 2)
        if off > CENTRAL * (whole.max() - whole.min()):
            return False
    return True


class MrBrainVolume(VolumeMethod):
    """The brain of a head, T1-weighted best; or of a scan whose skull the source took off.

    Lemieux et al., Magn Reson Med 42 (1999) 127: threshold, erosion with a ball until brain and scalp
    come apart, the brain's part grown back within the threshold, closed. It is believed only where it is
    central, as large as brains are, and has a dark band of bone around it. Else: [].
    """

    named_part = True

    card = ExpertCard(
        name="mr-brain-3d",
        version="1",
        kind="segmenter",
        labels=("brain",),
        modalities=("MR",),
        anatomies=("brain", "head"),
        method="Head by threshold, brain cut free by 3-D erosion, grown back, accepted inside a dark band.",
        source="Lemieux L et al., Magnetic Resonance in Medicine 42 (1999) 127-135",
        license_code="Apache-2.0",
        candidate=True,
        needs_spacing=True,
        tuned_on="the ch2 template, by eye; no brain outlines are in the samples",
        parameters={"cut_mm": CUT_MM, "sulci_mm": SULCI_MM, "brain_ml": BRAIN_ML},
        dimensions=3,
    )

    def look(self, scan: VolumeScan) -> Prediction:
        assert scan.spacing_mm is not None
        label = self.card.labels[0]
        bare = stripped_brain(scan.values, scan.spacing_mm, BRAIN_ML)
        if bare is not None:
            return [Found(label, bare)]
        grid = coarse(scan.values, scan.spacing_mm, GRID_MM)
        head = head_of(grid.values, grid.spacing_mm)
        rough = cut_out(grid, head) if head.any() else None
        if rough is None:
            return []
        others = [cut_out(grid, head, 1 + d) for d in (-MOVED, MOVED)]
        quality = min(0.0 if other is None else dice(rough, other) for other in others)
        level = 0.5 * float(np.median(grid.values[rough]))
        mask = refined(grid, rough, scan.values > level)
        return [Found(label, mask, quality=quality)]
