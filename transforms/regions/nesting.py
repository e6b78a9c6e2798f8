"""Which region lies in which: shares of pixels in common, and the containers of each region."""

import numpy as np
from pycocotools import mask as coco

from schemas.region import Region
from transforms.regions.patch import bytes_of

INSIDE = 0.95  # share of the subject's pixels that lie in the object

_BODY = frozenset({"organ", "structure", "tissue", "unknown"})
HOLDS = {
    "lesion": _BODY | {"lesion"},  # a core in its oedema
    "cell": _BODY | {"cell", "lesion"},  # a nucleus in its cell, cells in a tumour
    "organ": frozenset({"organ"}),  # a lobe in its lung; never an organ in a lesion
    "structure": _BODY,
    "tissue": _BODY,
    "device": _BODY,
    "artifact": frozenset[str](),
    "unknown": _BODY,
}
"""Kind of a region -> kinds that may contain it."""


def shares_of(regions: list[Region], frame: tuple[int, int]) -> np.ndarray:
    """[n, n] share of region i's pixels that lie in region j; a box counts as all its pixels.

    Nothing is known to lie in a box, so the columns of box-only regions are zero.
    """
    codes = [_code(region, frame) for region in regions]
    shares = np.array(coco.iou(codes, codes, [1] * len(codes)), np.float64)
    shares = shares.reshape(len(codes), len(codes))
    shares[:, [region.mask is None for region in regions]] = 0.0
    return shares


def _code(region: Region, frame: tuple[int, int]) -> dict[str, object]:
    if region.mask is not None:
        return bytes_of(region.mask)
    x0, y0, x1, y1 = region.box
    return coco.frPyObjects(np.array([[x0, y0, x1 - x0, y1 - y0]], np.float64), *frame)[0]


def containers_of(regions: list[Region], shares: np.ndarray) -> list[list[int]]:
    """For each region, the places of those that contain it, smallest first.

    A container is strictly larger, of another label, and of a kind that can hold this one: so
    there are no cycles, and a copy of a region is not its parent.
    """
    within = shares >= INSIDE
    found = []
    for i, inner in enumerate(regions):
        outer = [
            j
            for j in np.flatnonzero(within[i]).tolist()
            if regions[j].area_fraction > inner.area_fraction
            and regions[j].label != inner.label
            and regions[j].kind in HOLDS[inner.kind]
        ]
        found.append(sorted(outer, key=lambda j: (regions[j].area_fraction, regions[j].id)))
    return found
