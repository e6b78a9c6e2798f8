"""Trachea and large bronchi in a CT volume."""

from dataclasses import dataclass

import numpy as np

from expert_models.experts.base import ExpertCard, Found, Prediction, VolumeScan
from expert_models.experts.ct.airway_seed import longest_tube
from expert_models.experts.ct.body_volume import body_volume
from expert_models.experts.volume.grid import Coarse, Spacing, box_of, coarse, refined
from expert_models.experts.volume.method import VolumeMethod
from expert_models.experts.volume.shape import dice, volume_ml

AIR_HU = -900.0  # gas of the trachea; aerated lung is brighter, but for emphysema
LUMEN_HU = -500.0  # half way from gas to tissue: where the lumen's border lies
LAST_HU = -700.0  # the threshold rises no further: by then lung is let in
STEP_HU = 20.0  # by which it rises
GRID_MM = 1.5  # of a bronchus's wall, so far as the scan resolves it
LEAK_ML = 12.0  # grown by more in a step: the wall was broken through
LEAK_SHARE = 0.5  # or by more than this of what there was
LUNG_HU = -500.0  # darker within the body is lung or gas
LUNG_ML = 100.0  # less gas than this beside a tube, and the tube is not in a chest
TRUNK_MM2 = 30.0  # two cross-sections of this size each, a main bronchus each
APART_MM = 14.0  # their centres lie so far apart below the carina


@dataclass(frozen=True)
class Airways:
    """tree  [S, H, W] bool of the volume; carina: first slice (from the head) of two bronchi, or None
    stable  overlap of the tree with that of one step less
    """

    tree: np.ndarray
    carina: int | None
    stable: float


def airways_of(hu: np.ndarray, spacing: Spacing) -> Airways | None:
    """The airways of a chest, or None where no trachea is seen among lungs."""
    rough_grid, body = body_volume(hu, spacing)
    if not body.any():
        return None
    lungs = (rough_grid.values < LUNG_HU) & body
    if volume_ml(lungs, rough_grid.spacing_mm) < LUNG_ML:
        return None
    box = box_of(rough_grid.up(lungs, hu.shape), 0)
    box = (slice(0, hu.shape[0]), box[1], box[2])  # a trachea reaches above the lungs
    crop = hu[box]
    within = rough_grid.up(body, hu.shape)[box]
    grid = coarse(crop, spacing, GRID_MM)
    inner = coarse(within, spacing, GRID_MM).values > 0.5
    seed = longest_tube(
        (grid.values < AIR_HU) & inner, (grid.values < LUNG_HU) & inner, grid.spacing_mm
    )
    if seed is None:
        return None
    grown = _grown(grid, inner, seed)
    if grown is None:
        return None
    tree, stable = grown
    fine = refined(grid, _with_rim(tree, grid, inner), crop < LUMEN_HU)
    whole = np.zeros(hu.shape, bool)
    whole[box] = fine
    carina = _carina(tree, grid.spacing_mm)
    return Airways(whole, None if carina is None else carina * grid.factors[0], stable)


def _grown(grid: Coarse, inner: np.ndarray, seed: np.ndarray) -> tuple[np.ndarray, float] | None:
    """Region growing from the tube under a rising threshold, as long as no wall breaks (Mori 1996)."""
    from scipy.ndimage import label

    tree = None
    stable = 0.0
    threshold = AIR_HU
    while threshold <= LAST_HU:
        marks, _ = label((grid.values < threshold) & inner)
        wanted = np.bincount(marks[seed], minlength=1)
        wanted[0] = 0
        if wanted.any():
            next_tree = marks == int(wanted.argmax())
            if tree is not None and _leaks(tree, next_tree, grid.spacing_mm):
                break
            stable = 1.0 if tree is None else dice(tree, next_tree)
            tree = next_tree
        threshold += STEP_HU
    if tree is None or _leaks(seed, tree, grid.spacing_mm, times=6.0):
        return None
    return tree, stable


def _leaks(before: np.ndarray, after: np.ndarray, spacing: Spacing, times: float = 1.0) -> bool:
    had, has = volume_ml(before, spacing), volume_ml(after, spacing)
    return has - had > max(LEAK_ML, LEAK_SHARE * had) * times


def _with_rim(tree: np.ndarray, grid: Coarse, inner: np.ndarray) -> np.ndarray:
    """With the blurred rim of the lumen, a voxel wide."""
    from scipy.ndimage import binary_dilation

    return np.asarray(tree | (binary_dilation(tree) & inner & (grid.values < LUMEN_HU)))


def _carina(tree: np.ndarray, spacing: Spacing) -> int | None:
    """The first slice from the head (axis 0 backward) that two main bronchi share, twice in a row."""
    held = 0
    for index in range(tree.shape[0] - 1, -1, -1):
        held = held + 1 if _forked(tree[index], spacing) else 0
        if held == 2:
            return index + 1
    return None


def _forked(section: np.ndarray, spacing: Spacing) -> bool:
    from scipy.ndimage import center_of_mass, label

    marks, _ = label(section, np.ones((3, 3)))
    sizes = np.bincount(marks.ravel())[1:] * spacing[1] * spacing[2]
    large = np.flatnonzero(sizes >= TRUNK_MM2) + 1
    if large.size < 2:
        return False
    columns = [center_of_mass(marks == n)[1] * spacing[2] for n in large]
    return bool(max(columns) - min(columns) >= APART_MM)


class CtAirwayVolume(VolumeMethod):
    """Airways as far as the scan resolves them, and the trachea above the carina where the head is known.

    Mori et al., IEEE Trans Med Imaging 19 (2000) 103: growing from the trachea under a rising threshold,
    stopped before the volume explodes. On thick slices it stops at the main bronchi. No trachea among
    lungs in the volume (an abdomen): [].
    """

    tells = (AIR_HU, LUMEN_HU)

    card = ExpertCard(
        name="ct-airway-3d",
        version="1",
        kind="segmenter",
        labels=("airways", "trachea"),
        modalities=("CT",),
        anatomies=(),
        method="Longest round tube of gas, region growing under a rising threshold until it would leak.",
        source="Mori K et al., IEEE Trans Med Imaging 19 (2000) 103-114",
        license_code="Apache-2.0",
        needs_spacing=True,
        needs_native=True,
        tuned_on="phantoms alone: no sample shows a trachea",
        parameters={"air_hu": AIR_HU, "last_hu": LAST_HU, "leak_ml": LEAK_ML, "grid_mm": GRID_MM},
        dimensions=3,
    )

    def look(self, scan: VolumeScan) -> Prediction:
        assert scan.spacing_mm is not None
        airways = airways_of(scan.values, scan.spacing_mm)
        if airways is None or not airways.tree.any():
            return []
        found = [Found("airways", airways.tree, quality=airways.stable, instance=False)]
        if scan.placed and airways.carina is not None:
            trachea = airways.tree.copy()
            trachea[: airways.carina + 1] = False
            if trachea.any():
                found.append(Found("trachea", trachea, quality=airways.stable))
        return found
