"""Is a tile in focus? Energy of the Laplacian against the contrast that there is to be sharp about."""

import numpy as np
from PIL import Image

SCALE_MPP = 1.0  # µm per pixel; finer tiles are reduced to it, so that the limit means the same
LIMIT = 0.045  # at that scale; tissue in focus has 0.13 to 0.24, blurred by 2 µm 0.02 to 0.06
SMOOTH_PX = (
    1.0  # standard deviation under the Laplacian, or the grain of the sensor counts as detail
)
BROAD_PX = 8.0  # standard deviation; slower changes are shade and edges of tissue, not detail
LEAST_CONTRAST = 4.0  # variance of grey; less is the noise of an empty view


def sharpness(tile: np.ndarray, mpp: float) -> float | None:
    """Variance of the Laplacian over the variance of detail; None where there is no detail.

    tile  [H, W, 3] uint8 at `mpp` µm per pixel. Variance of the Laplacian: Pech-Pacheco et al., ICPR 2000,
    vol. 3, 314. It falls with pixel size and with pale stain as with blur, so it is taken at 1 µm per
    pixel (the tile's own where that is coarser) and divided by the variance around a broad mean.
    The limit was chosen on the 39 tiles of the one real slide among the samples (CMU-1) and on
    copies of them blurred by Gaussians of 0.5 to 8 µm; no slide out of focus was at hand.
    """
    from scipy import ndimage

    grey = Image.fromarray(tile).convert("L")
    factor = max(1.0, SCALE_MPP / mpp)
    if factor > 1:
        size = max(3, round(grey.width / factor)), max(3, round(grey.height / factor))
        grey = grey.resize(size, Image.Resampling.BOX)
    values = np.asarray(grey, np.float32)
    detail = values - ndimage.gaussian_filter(values, BROAD_PX)
    contrast = float(detail.var())
    if contrast < LEAST_CONTRAST:
        return None
    return float(ndimage.gaussian_laplace(values, SMOOTH_PX).var()) / contrast


def blurred(tile: np.ndarray, mpp: float) -> bool:
    """Nothing in the tile is sharp. One without any detail is as far out of focus as can be."""
    found = sharpness(tile, mpp)
    return found is None or found < LIMIT
