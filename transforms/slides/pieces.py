"""Connected pieces of a mask."""

import numpy as np


def without_small(numbered: np.ndarray, smallest_px: int) -> np.ndarray:
    """[H, W] label map without things below `smallest_px` pixels, numbered from 1 without gaps."""
    sizes = np.bincount(numbered.ravel())
    keep = sizes >= smallest_px
    keep[0] = False
    order = np.where(keep, np.cumsum(keep), 0)
    return order[numbered].astype(np.int32)
