"""Touching round things apart, and a label map as findings: shared by the experts on cells and nuclei."""

import numpy as np

from expert_models.experts.base import Found
from transforms.slides.pieces import without_small


def strong_here(
    smooth: np.ndarray, threshold: float, *, around_px: float, around_share: float
) -> np.ndarray:
    """[H, W] bool: above the threshold, and no dip between stronger neighbours; holes filled.

    smooth        [H, W] float
    around_px     standard deviation of the neighbourhood that a pixel is compared with
    around_share  a pixel weaker than this share of the mean of its neighbours above the threshold is a dip
    """
    from scipy import ndimage

    above = smooth > threshold
    weight = ndimage.gaussian_filter(above.astype(float), around_px)
    total = ndimage.gaussian_filter(np.where(above, smooth, 0.0), around_px)
    around = total / np.maximum(weight, np.finfo(float).tiny)
    kept = ndimage.binary_fill_holes(above & (smooth > around_share * around))
    return ndimage.binary_opening(kept, np.ones((3, 3)))


def split_touching(
    foreground: np.ndarray, *, smooth_px: float, neck_share: float, smallest_px: int
) -> np.ndarray:
    """One number a thing: the foreground cut at its necks.

    foreground   [H, W] bool
    smooth_px    standard deviation of the Gaussian over the distance map; evens out ragged borders
    neck_share   a neck cuts where it is shallower than both sides by this share of the median depth
    smallest_px  things of fewer pixels are dropped
    returns      [H, W] int32, 0 outside, things numbered from 1 without gaps

    Watershed of the distance map from its h-maxima: Vincent and Soille, IEEE TPAMI 13 (1991) 583;
    Malpica et al., Cytometry 28 (1997) 289.
    """
    from scipy import ndimage
    from skimage.measure import label
    from skimage.morphology import h_maxima
    from skimage.segmentation import watershed

    parts, number = ndimage.label(foreground)
    if number == 0:
        return np.zeros(foreground.shape, dtype=np.int32)
    depth = ndimage.gaussian_filter(ndimage.distance_transform_edt(foreground), smooth_px)
    typical = np.median(ndimage.maximum(depth, parts, np.arange(1, number + 1)))
    peaks = label(h_maxima(depth, neck_share * typical) > 0)
    return without_small(watershed(-depth, peaks, mask=foreground), smallest_px)


def found_of(numbered: np.ndarray, label: str, firm: np.ndarray) -> list[Found]:
    """One finding a number, in order of the numbers.

    firm  [H, W] bool, what stays under a stricter threshold: its share of the thing is `quality`.
    `score` is solidity, area over area of the convex hull: cells and nuclei are convex, a clump
    that was not split is not.
    """
    from skimage.measure import regionprops

    found = []
    for thing in regionprops(numbered):
        mask = numbered == thing.label
        top, left, bottom, right = thing.bbox
        found.append(
            Found(
                label=label,
                mask=mask,
                box=(float(left), float(top), float(right), float(bottom)),
                score=float(min(1.0, thing.solidity)),
                quality=float(firm[mask].mean()),
            )
        )
    return found
