"""Left and right lung in a CT volume."""

from dataclasses import dataclass

import numpy as np

from expert_models.experts.base import ExpertCard, Found, Prediction, VolumeScan
from expert_models.experts.ct.airway_volume import airways_of
from expert_models.experts.ct.body_volume import body_volume
from expert_models.experts.ct.lungs import (
    AIR_HU,
    AT_RIBS_MM,
    AT_RIBS_SHARE,
    BONE_HU,
    LUNG_MEDIAN_HU,
    MOVED_HU,
    ONE_SIDE,
    THRESHOLD_HU,
    VESSEL_MM,
    iterative_threshold,
)
from expert_models.experts.ct.lungs_apart import separated
from expert_models.experts.volume.grid import Coarse, Spacing, refined
from expert_models.experts.volume.method import VolumeMethod
from expert_models.experts.volume.shape import (
    closed,
    dice,
    each_part,
    filled_slices,
    grown,
    shrunk,
    volume_ml,
)

SMALLEST_ML = 4.0  # a tip of lung in the last slices of an abdomen
ENCLOSED_ML = 100.0  # a lung that the scan does not cut is no smaller; a loop of bowel is
WALL_MM = 3.0  # of large airways, taken out with them
CUT_LATERALLY = (
    0.5  # share of slices in which the body touches both sides of the scan: no middle is known
)


@dataclass(frozen=True)
class Chest:
    """What lungs are sought in. Masks are on the coarse grid, [s, h, w] bool."""

    grid: Coarse
    body: np.ndarray
    airways: np.ndarray
    at_ribs: np.ndarray
    threshold: float
    middle: float
    cut_laterally: bool


def chest_of(hu: np.ndarray, spacing: Spacing) -> tuple[Chest, np.ndarray | None] | None:
    """The chest, and the airways in the grid of the volume; None where there is no body."""
    grid, body = body_volume(hu, spacing)
    if not body.any():
        return None
    found = airways_of(hu, spacing)
    airways = np.zeros(body.shape, bool)
    if found is not None:
        airways = grid.down(found.tree)
    ribs = (grid.values > BONE_HU) & body
    sides = body[:, :, 0].any(axis=1) & body[:, :, -1].any(axis=1)
    chest = Chest(
        grid,
        body,
        grown(airways, WALL_MM, grid.spacing_mm),
        grown(ribs, AT_RIBS_MM, grid.spacing_mm),
        iterative_threshold(grid.values, body),
        _middle(body),
        bool(sides.mean() > CUT_LATERALLY),
    )
    return chest, None if found is None else found.tree


def rough_lungs(chest: Chest, moved: float = 0.0) -> list[np.ndarray]:
    """[s, h, w] bool each: at most one on either side of the body's middle, lower columns first."""
    spacing = chest.grid.spacing_mm
    dark = (chest.grid.values < chest.threshold + moved) & chest.body & ~chest.airways
    halves: list[list[np.ndarray]] = [[], []]
    least = max(1, int(SMALLEST_ML * 1000 / np.prod(spacing)))
    for part in each_part(dark, least):
        if not _is_lung(chest, part):
            continue
        for lung in separated(part, chest.middle, spacing):
            halves[int(np.nonzero(lung)[2].mean() + 0.5 > chest.middle)].append(lung)
    lungs = [np.any(half, axis=0) for half in halves if half]
    lungs = [_smooth(lung, spacing) & chest.body & ~chest.airways for lung in lungs]
    if len(lungs) == 2:
        both = lungs[0] & lungs[1]
        lungs = [lung & ~both for lung in lungs]
    return lungs


def _is_lung(chest: Chest, part: np.ndarray) -> bool:
    """By how dark it is inside, by ribs around it, and by its size where the scan does not cut it."""
    spacing = chest.grid.spacing_mm
    inner = shrunk(part, max(spacing), spacing)  # the rim is blurred with tissue
    median = float(np.median(chest.grid.values[inner if inner.any() else part]))
    if not LUNG_MEDIAN_HU[0] <= median <= LUNG_MEDIAN_HU[1]:
        return False
    if (part & chest.at_ribs).sum() < AT_RIBS_SHARE * part.sum():
        return False
    goes_on = bool(part[0].any() or part[-1].any())
    return goes_on or volume_ml(part, spacing) >= ENCLOSED_ML


def _smooth(mask: np.ndarray, spacing: Spacing) -> np.ndarray:
    return filled_slices(closed(mask, VESSEL_MM, spacing))


def _middle(body: np.ndarray) -> float:
    """Column of the middle of the body: the median over slices of the middle of its outermost columns."""
    middles = []
    for section in body:
        columns = np.flatnonzero(section.any(axis=0))
        if columns.size:
            middles.append((columns[0] + columns[-1] + 1) / 2)
    return float(np.median(middles))


def side_of(lung: np.ndarray, others: int, chest: Chest, placed: bool) -> str:
    """`left lung` or `right lung` where the axes are the patient's and the middle is known, else `lung`.

    Columns go from the patient's right to the left. A scan that cuts the body on both sides has a middle
    only where it shows both lungs.
    """
    beyond = float(np.mean(np.nonzero(lung)[2] + 0.5 > chest.middle))
    if not placed or max(beyond, 1 - beyond) < ONE_SIDE or (chest.cut_laterally and not others):
        return "lung"
    return "left lung" if beyond > 0.5 else "right lung"


class CtLungsVolume(VolumeMethod):
    """Lungs, one region a side. Hu, Hoffman and Reinhardt, IEEE Trans Med Imaging 20 (2001) 490.

    Iterative threshold inside the body, large airways grown and taken out, the two lungs cut apart where
    they meet, borders closed over vessels by a ball of 6 mm. Gas of bowel is told by how dark it is, by
    its size, and by ribs. No lung in the volume: [].
    """

    tells = (-800.0, BONE_HU)

    card = ExpertCard(
        name="ct-lungs-3d",
        version="1",
        kind="segmenter",
        labels=("left lung", "right lung", "lung"),
        modalities=("CT",),
        anatomies=(),
        method="Iterative HU threshold in the body, airways grown and removed, lungs cut apart and closed.",
        source="Hu S, Hoffman EA, Reinhardt JM, IEEE Trans Med Imaging 20 (2001) 490-498",
        license_code="Apache-2.0",
        needs_spacing=True,
        needs_native=True,
        tuned_on="nothing: the constants of ct-lungs (even slices of the TotalSegmentator example CTs)",
        parameters={"threshold_hu": THRESHOLD_HU, "median_hu": LUNG_MEDIAN_HU, "air_hu": AIR_HU},
        dimensions=3,
    )

    def look(self, scan: VolumeScan) -> Prediction:
        assert scan.spacing_mm is not None
        seen = chest_of(scan.values, scan.spacing_mm)
        if seen is None:
            return []
        chest, airways = seen
        rough = rough_lungs(chest)
        if not rough:
            return []
        moved = [rough_lungs(chest, d) for d in (-MOVED_HU, MOVED_HU)]
        dark = scan.values < chest.threshold
        if airways is not None:
            dark &= ~airways
        found: list[Found] = []
        for lung in rough:
            mask = refined(chest.grid, lung, dark)
            for other in found:
                assert other.mask is not None
                mask &= ~other.mask
            label = side_of(lung, len(rough) - 1, chest, scan.placed)
            found.append(Found(label, mask, quality=_stable(lung, moved[0] + moved[1])))
        return found


def _stable(lung: np.ndarray, others: list[np.ndarray]) -> float:
    """Least overlap with what a moved threshold gives; 0 where it gives nothing there."""
    overlaps = [dice(lung, other) for other in others if (lung & other).any()]
    return min(overlaps) if len(overlaps) >= 2 else 0.0
