"""Folded tissue: where a slide is both saturated and dark beyond what its other tissue is.

After Kothari, Phan and Wang, J Pathol Inform 4 (2013) 22: saturation minus intensity, with a hard threshold
and a soft one for what lies within five pixels of it. They choose both thresholds by the number of
connected objects; here both are robust deviations from the slide's own tissue, with a floor.
"""

import numpy as np

HARD, SOFT = 3.5, 2.0  # robust standard deviations above the median of the slide's tissue
LEAST_HARD, LEAST_SOFT = 0.15, 0.0  # floors: pale tissue in one layer never reaches them
REACH = 5  # px: side of the neighbourhood
LEAST_TISSUE_PX = 100  # overview pixels; fewer have no distribution to speak of


def fold_mask(image: np.ndarray, tissue: np.ndarray) -> np.ndarray:
    """[H, W, 3] uint8 overview and [H, W] bool tissue to [H, W] bool, where tissue lies in folds."""
    from scipy import ndimage

    if int(tissue.sum()) < LEAST_TISSUE_PX:
        return np.zeros(tissue.shape, bool)
    difference = saturation_minus_intensity(image)
    inside = difference[tissue]
    middle = float(np.median(inside))
    deviation = 1.4826 * float(np.median(np.abs(inside - middle)))
    hard = (difference > max(LEAST_HARD, middle + HARD * deviation)) & tissue
    soft = (difference > max(LEAST_SOFT, middle + SOFT * deviation)) & tissue
    return hard | (soft & ndimage.binary_dilation(hard, np.ones((REACH, REACH), bool)))


def saturation_minus_intensity(image: np.ndarray) -> np.ndarray:
    """[H, W, 3] uint8 to [H, W] float32: S - I of the HSI model (S = 1 - min / I, I = mean), both in [0, 1]."""
    intensity = image.sum(axis=2, dtype=np.uint16).astype(np.float32) / np.float32(3 * 255)
    lowest = image.min(axis=2).astype(np.float32) / np.float32(255)
    return 1 - lowest / np.maximum(intensity, np.float32(1e-6)) - intensity
