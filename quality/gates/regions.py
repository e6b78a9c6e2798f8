"""Gates of regions: size, box against image, box against mask, area."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from pycocotools import mask as coco

from quality.gates.verdicts import judged
from schemas.region import Region
from schemas.verdict import Verdict

SMALLEST_PX = 9
AREA = 1e-4  # of the image: rounding of a stored share, and no more
EDGE_PX = 1e-3


@dataclass(frozen=True)
class RegionCase:
    """One region on trial, in an image of `width` x `height` px."""

    region: Region
    width: int
    height: int
    smallest_px: int

    @cached_property
    def mask(self) -> np.ndarray | None:
        """[height, width] bool; None: no mask, or one that cannot be decoded."""
        if self.region.mask is None:
            return None
        size, counts = self.region.mask["size"], self.region.mask["counts"]
        code = {"size": [int(n) for n in size], "counts": counts.encode()}
        try:
            return coco.decode(code).astype(bool)
        except (ValueError, MemoryError):
            return None

    @cached_property
    def pixels(self) -> float:
        """Pixels of the mask, or of the box where there is none."""
        if self.mask is not None:
            return float(self.mask.sum())
        x0, y0, x1, y1 = self.region.box
        return max(0.0, x1 - x0) * max(0.0, y1 - y0)


def judge_size(case: RegionCase) -> Verdict:
    """A region of fewer pixels than the recipe's smallest is noise."""
    faults = [f"{case.pixels:g} px"] if case.pixels < case.smallest_px else []
    limit = f"{case.smallest_px} px"
    return judged("region_size", faults, "region_tiny", measured=f"{case.pixels:g} px", limit=limit)


def judge_box(case: RegionCase) -> Verdict:
    """A box has finite, ordered edges inside the image."""
    x0, y0, x1, y1 = case.region.box
    if not np.isfinite(case.region.box).all() or x1 <= x0 or y1 <= y0:
        return judged("region_box", [f"box {case.region.box}"], "box_invalid")
    inside = x0 >= 0 and y0 >= 0 and x1 <= case.width and y1 <= case.height
    faults = [] if inside else [f"box {case.region.box}"]
    return judged("region_box", faults, "box_outside_image", limit=f"{case.width} x {case.height}")


def judge_mask(case: RegionCase) -> Verdict:
    """The mask has the image's size, is not empty, and its tight half-open box is the region's box."""
    if case.region.mask is None:
        return judged("mask_box", (), "mask_box_disagree", measured="no mask")
    if list(case.region.mask["size"]) != [case.height, case.width]:
        return judged("mask_box", [f"mask {case.region.mask['size']}"], "mask_size_differs")
    if case.mask is None or not case.mask.any():
        return judged("mask_box", ["no pixel"], "mask_empty")
    columns, rows = np.flatnonzero(case.mask.any(axis=0)), np.flatnonzero(case.mask.any(axis=1))
    tight = (columns[0], rows[0], columns[-1] + 1, rows[-1] + 1)
    off = max(abs(float(a) - b) for a, b in zip(tight, case.region.box, strict=True))
    faults = [f"off by {off:g} px"] if off > EDGE_PX else []
    return judged(
        "mask_box", faults, "mask_box_disagree", measured=f"{off:g} px", limit=f"{EDGE_PX:g} px"
    )


def judge_area(case: RegionCase) -> Verdict:
    """`area_fraction` is the share of the image that the mask (else the box) covers."""
    share = case.pixels / (case.width * case.height)
    off = abs(share - case.region.area_fraction)
    faults = (
        [f"{case.region.area_fraction:g} stated, {share:g} measured"] if not off <= AREA else []
    )
    return judged(
        "region_area", faults, "mask_box_disagree", measured=f"{share:g}", limit=f"{AREA:g}"
    )


REGION_GATES: dict[str, Callable[[RegionCase], Verdict]] = {
    "region_size": judge_size,
    "region_box": judge_box,
    "mask_box": judge_mask,
    "region_area": judge_area,
}


def judge_region(
    region: Region, width: int, height: int, *, smallest_px: int = SMALLEST_PX
) -> list[Verdict]:
    """One verdict of every region gate."""
    case = RegionCase(region, width, height, smallest_px)
    return [gate(case) for gate in REGION_GATES.values()]
