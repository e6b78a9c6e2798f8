"""Two lungs that touch, cut apart where they are thinnest."""

import numpy as np

from expert_models.experts.ct.lungs import BRIDGE_MM, ONE_SIDE
from expert_models.experts.volume.grid import Spacing, box_of
from expert_models.experts.volume.shape import depth_mm, parts

LEAST_OF_FIRST = 0.2  # a smaller seed is a lobe's corner, not the other lung


def separated(part: np.ndarray, middle: float, spacing: Spacing) -> list[np.ndarray]:
    """The two lungs of a part [s, h, w] that reaches far over the middle, in columns; else the part.

    It is eroded until two seeds on either side of the middle come apart, and each voxel goes to the
    nearer. A part that no erosion of 12 mm divides stays one: a single lung may lie across the middle of
    a small field of view.
    """
    from scipy.ndimage import distance_transform_edt

    columns = np.arange(part.shape[2])[None, None, :] + 0.5
    share = float((part & (columns > middle)).sum()) / float(part.sum())
    if not 1 - ONE_SIDE < share < ONE_SIDE:
        return [part]
    box = box_of(part, 1)
    inner = part[box]
    depth = depth_mm(inner, spacing)
    radius = min(spacing)
    while radius <= BRIDGE_MM:
        seeds = parts(depth > radius, most=2)
        if _two_lungs(seeds, middle - box[2].start):
            near = [distance_transform_edt(~seed, sampling=spacing) for seed in seeds]
            first, second = np.zeros_like(part), np.zeros_like(part)
            first[box], second[box] = inner & (near[0] <= near[1]), inner & (near[0] > near[1])
            return [first, second]
        radius += min(spacing) / 2
    return [part]


def _two_lungs(seeds: list[np.ndarray], middle: float) -> bool:
    """Both large, and centred on either side of the middle."""
    if len(seeds) < 2 or seeds[1].sum() < LEAST_OF_FIRST * seeds[0].sum():
        return False
    beyond = [float(np.nonzero(seed)[2].mean()) + 0.5 > middle for seed in seeds]
    return beyond[0] != beyond[1]
