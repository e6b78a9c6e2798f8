"""The brain on an axial MR slice of the head."""

from itertools import pairwise

import numpy as np

from expert_models.experts.base import ExpertCard, Found, Prediction, Refusal, Scan
from expert_models.experts.method import Method, gray_of

SIDE_PX = 160  # the slice is looked at with its longer side this long, about 1.5 mm a pixel
CUT_PX = (1.5, 2.0, 2.5, 3.0, 4.0, 5.0)  # erosions tried to cut brain from scalp and muscle
LARGEST_SHARE = 0.75  # of the head: a part that fills more still hangs on the scalp
LEAST_SHARE = 0.15  # of the head: less is no section of brain
CENTRAL = 0.25  # the brain's centroid lies this near the middle of the head; share of its sides
BRIDGED_PX = 3.0  # sulci narrower than twice this are taken in
NEAR_SKIN_PX = 2.5  # a brain does not come as near to the outside of the head over its whole border
SKIN_SHARE = 0.25  # share of the border that may
TWIN = 0.5  # a second part of at least so much of the first is the other hemisphere
LEVEL = 0.1  # their centres differ in height by at most this share of the slice
BONE_PX = 4.0  # width of the band outside the brain that must be dark: bone, and fluid on T1
BONE_LEVEL = 0.6  # of the brain's median; muscle and white matter have no such band


def head_mask(gray: np.ndarray) -> np.ndarray:
    """[H, W] bool: everything above the noise of air, holes filled, the largest part."""
    from scipy.ndimage import binary_fill_holes, binary_opening, label
    from skimage.filters import threshold_otsu

    lit = gray[gray > 0]
    if lit.size < 100 or np.ptp(lit) < 10:
        return np.zeros(gray.shape, bool)
    # half of Otsu's level: bone and fluid are dark, air is darker still
    marks, count = label(binary_opening(gray > threshold_otsu(gray) / 2, np.ones((3, 3))))
    if not count:
        return np.zeros(gray.shape, bool)
    return np.asarray(binary_fill_holes(marks == 1 + np.argmax(np.bincount(marks.ravel())[1:])))


def brain_mask(gray: np.ndarray) -> np.ndarray | None:
    """[H, W] bool in its own size, or None where no part of the slice looks like brain."""
    from skimage.transform import resize

    scale = SIDE_PX / max(gray.shape)
    shape = tuple(max(1, round(side * scale)) for side in gray.shape)
    small = resize(gray.astype(float), shape, anti_aliasing=scale < 1)
    head = head_mask(small)
    if head.mean() < 0.05:
        return None
    found = _cut_out(small, head)
    if found is None:
        return None
    return np.asarray(resize(found.astype(float), gray.shape, order=1) > 0.5)


def _cut_out(small: np.ndarray, head: np.ndarray) -> np.ndarray | None:
    """The part that first comes free under a growing erosion, grown back and its sulci filled."""
    from scipy.ndimage import binary_fill_holes, label
    from scipy.ndimage import distance_transform_edt as depth
    from skimage.filters import threshold_otsu

    level = threshold_otsu(small[head])
    bright = head & (small > min(level, 0.75 * float(np.median(small[head]))))
    inward = depth(bright)
    to_skin = depth(np.pad(head, 1))[1:-1, 1:-1]
    for cut in CUT_PX:
        marks, _ = label(inward > cut)
        sizes = np.bincount(marks.ravel())[1:]
        order = [int(n) + 1 for n in np.argsort(-sizes, kind="stable")[:3]]
        twins = [(a, b) for a, b in pairwise(order) if _twins(marks, a, b)]
        for chosen in [*twins[:1], *((n,) for n in order)]:
            seeds = np.isin(marks, chosen)
            part = bright & (depth(~seeds) <= cut + 0.5)
            part = depth(~part) <= BRIDGED_PX
            part = binary_fill_holes(depth(part) > BRIDGED_PX)
            if _is_brain(small, part & head, head, to_skin):
                return np.asarray(part & head)
    return None


def _twins(marks: np.ndarray, first: int, second: int) -> bool:
    """Whether two parts are about as large and lie at one height, as hemispheres do."""
    rows = [np.nonzero(marks == number)[0] for number in (first, second)]
    level = abs(rows[0].mean() - rows[1].mean()) <= LEVEL * marks.shape[0]
    return bool(level and rows[1].size >= TWIN * rows[0].size)


def _is_brain(small: np.ndarray, part: np.ndarray, head: np.ndarray, to_skin: np.ndarray) -> bool:
    from scipy.ndimage import binary_erosion
    from scipy.ndimage import distance_transform_edt as depth

    share = float(part.sum()) / float(head.sum())
    if not LEAST_SHARE <= share <= LARGEST_SHARE:
        return False
    rows, columns = np.nonzero(head)
    inner = np.nonzero(part)
    for own, whole in zip(inner, (rows, columns), strict=True):
        off = abs(own.mean() - (whole.min() + whole.max()) / 2)
        if off > CENTRAL * (whole.max() - whole.min()):
            return False
    outside = depth(~part)
    band = small[(outside > 1) & (outside <= BONE_PX) & head]
    if not band.size or np.median(band) > BONE_LEVEL * np.median(small[part]):
        return False
    border = part & ~binary_erosion(part)
    return float((to_skin[border] <= NEAR_SKIN_PX).mean()) <= SKIN_SHARE


class BrainMask(Method):
    """The brain of an axial slice that still shows scalp and skull, T1-weighted best.

    Atkins and Mackiewich, IEEE Trans Med Imaging 17 (1998) 98, on one slice and without their snake: noise
    of air removed, the head taken, the brain cut free by erosion and grown back, and believed only where
    it is central and has a dark band of bone around it. A stripped slice has no such band: [].
    """

    named_part = True

    card = ExpertCard(
        name="mr-brain",
        version="1",
        kind="segmenter",
        labels=("brain",),
        modalities=("MR",),
        anatomies=("brain", "head"),
        method="Head by threshold, brain cut free by erosion, accepted inside a dark band of bone.",
        source="Atkins MS, Mackiewich BT, IEEE Trans Med Imaging 17 (1998) 98-107",
        license_code="Apache-2.0",
        candidate=True,
        tuned_on="slices of the ch2 template, by eye; no brain outlines are in the samples",
        parameters={"side_px": SIDE_PX, "bone_level": BONE_LEVEL},
    )

    def look(self, scan: Scan) -> Prediction:
        if scan.plane != "axial":
            return Refusal("expert_input_missing", f"needs an axial slice: {scan.plane}")
        gray = gray_of(scan.display)
        mask = brain_mask(gray)
        return [] if mask is None or not mask.any() else [Found(self.card.labels[0], mask)]
