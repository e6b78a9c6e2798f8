"""Is a tile in focus? Energy of the Laplacian against the contrast that there is to be sharp about."""

import numpy as np
from PIL import Image

SCALE_MPP = 1.0  # µm per pixel; finer tiles are reduced to it, so that the limit means the same
LIMIT = 0.05  # at that scale; a Gaussian of about one of its pixels takes sharp tissue there
BROAD_PX = 8.0  # standard deviation; slower changes are shade and edges of tissue, not detail
LEAST_CONTRAST = 4.0  # variance of grey; less is noise, which is always sharp


def sharpness(tile: np.ndarray, mpp: float) -> float | None:
    """Variance of the Laplacian over the variance of detail; None where there is no contrast.

    tile  [H, W, 3] uint8 at `mpp` µm per pixel. Variance of the Laplacian: Pech-Pacheco et al., ICPR 2000,
    vol. 3, 314. It falls with pixel size and with stain as with blur, so it is taken at 1 µm per
    pixel (the tile's own where that is coarser) and divided by the variance around a broad mean.
    """
    from scipy import ndimage

    grey = Image.fromarray(tile).convert("L")
    factor = max(1.0, SCALE_MPP / mpp)
    size = max(3, round(grey.width / factor)), max(3, round(grey.height / factor))
    if factor > 1:
        grey = grey.resize(size, Image.Resampling.BOX)
    values = np.asarray(grey, np.float32)
    detail = values - ndimage.gaussian_filter(values, BROAD_PX)
    contrast = float(detail.var())
    if contrast < LEAST_CONTRAST:
        return None
    return float(ndimage.laplace(values).var()) / contrast


def blurred(tile: np.ndarray, mpp: float) -> bool:
    """The tile shows something, and nothing of it sharply."""
    found = sharpness(tile, mpp)
    return found is not None and found < LIMIT
