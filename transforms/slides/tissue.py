"""Where a slide holds tissue and where bare glass: colour saturation against a threshold.

Otsu, IEEE TSMC 9 (1979) 62; as in Lu et al., Nature Biomedical Engineering 5 (2021) 555.
"""

import numpy as np

from transforms.slides.pieces import without_small

SMOOTH_PX = 2.0  # standard deviation; single coloured pixels of JPEG blocks vanish
LOWEST, HIGHEST = 8 / 255, 40 / 255  # saturation; glass is below the first, stain above the second
DARK = 40  # grey level of the brightest channel; a darker pixel (frame, ink) has no hue to speak of
SMALLEST_SHARE = 0.001  # of the picture; smaller pieces are dust
LARGEST_HOLE_SHARE = (
    0.01  # of the picture; smaller holes are filled, larger ones are lumen or tears
)
FIRM = 1.1  # times the threshold; what passes it is surely tissue


def saturation(image: np.ndarray) -> np.ndarray:
    """[H, W, 3] uint8 to [H, W] float32 in [0, 1]: (max - min) / max of the channels, 0 where dark."""
    highest = image.max(axis=2)
    spread = (highest - image.min(axis=2)).astype(np.float32)
    return np.where(highest >= DARK, spread / np.maximum(highest, 1), np.float32(0))


def tissue_threshold(smooth: np.ndarray) -> float:
    """Otsu's threshold, held between LOWEST and HIGHEST.

    Without the bounds a slide of bare glass would be cut in its noise, and one full of tissue
    between pale and dark stain.
    """
    from skimage.filters import threshold_otsu

    if np.ptp(smooth) == 0:
        return HIGHEST
    return float(np.clip(threshold_otsu(smooth), LOWEST, HIGHEST))


def tissue_mask(image: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """[H, W, 3] uint8 to tissue and to tissue under a stricter threshold, both [H, W] bool.

    Small pieces go and small holes are filled, by share of the picture, so that an overview and its
    enlargement agree.
    """
    from scipy import ndimage

    smooth = ndimage.gaussian_filter(saturation(image), SMOOTH_PX)
    threshold = tissue_threshold(smooth)
    pieces, _ = ndimage.label(smooth > threshold, np.ones((3, 3)))
    kept = without_small(pieces, max(1, round(SMALLEST_SHARE * smooth.size))) > 0
    holes, _ = ndimage.label(~kept)
    large = without_small(holes, max(1, round(LARGEST_HOLE_SHARE * smooth.size))) > 0
    edge = np.unique(np.concatenate([holes[0], holes[-1], holes[:, 0], holes[:, -1]]))
    open_glass = np.isin(holes, edge[edge > 0])  # not closed in, so no hole
    return ~(large | open_glass), smooth > FIRM * threshold
