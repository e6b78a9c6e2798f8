"""How a region looks beside its surround: brightness, attenuation, homogeneity.

Every threshold has a dead zone beside it in which nothing is said: a value that the next reader
would call otherwise is no fact. Reasons and measurements: docs/decisions/0004.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import cv2
import numpy as np

from transforms.regions.patch import Patch
from transforms.regions.scene import Scene

RING_PX, RING_SHARE = 3.0, 0.1  # ring width: at least 3 px, or 10 % of the thickness
RING_SHOWN = 0.5  # less of the ring that may be compared is a sliver, not a surround
RING_LEAST, CORE_LEAST = 20, 4  # pixels below which surround and region are not compared
TILE_SHARE, TILE_PX = 8, 64  # what is long and thin is compared tile by tile, 8 times its thickness
LARGE, NEGLIGIBLE = 0.474, 0.147  # Cliff's delta: Romano et al. 2006
VISIBLE = 8  # gray levels of 255 between two medians that an eye tells apart
EVEN_LEAST = 100  # pixels below which evenness says nothing
EVEN_SHOWN = (0.10, 0.30)  # 10-90 % range over the gray scale: at most homogeneous, at least not
EVEN_HU = (50.0, 100.0)  # the same in HU; noise alone (sd 15 HU) makes 38 HU


@dataclass(frozen=True)
class Sample:
    """Pixels of one region and of its ring, in one window of the image.

    rows, columns  the window
    core           [h, w] bool: the region without its boundary pixels, which mix inside and outside
    ring           [h, w] bool: around the region, a pixel away from it, of its surround
    thickness      of the region, in pixels: six times the mean depth under its boundary, which is
                   the diameter of a disc; one blob where vessels meet does not set it
    """

    rows: slice
    columns: slice
    core: np.ndarray
    ring: np.ndarray
    thickness: float


def sample_of(patch: Patch, scene: Scene, *, kind: str) -> Sample:
    """The core of a region and the ring around it.

    The ring begins 1.5 px outside the mask, where partial volume ends, and is as wide as a tenth of
    the region's thickness, at least 3 px: a vessel tree is compared with what lies beside each
    vessel, not with the whole retina. `Scene.surround` says which pixels a region of this kind may
    be compared with; where they are less than half of the ring, there is none.
    """
    inside = np.pad(patch.pixels, 1).astype(np.uint8)
    deep = cv2.distanceTransform(inside, cv2.DIST_L2, cv2.DIST_MASK_5)
    thickness = 6 * float(deep.sum()) / patch.count
    width = max(RING_PX, RING_SHARE * thickness)
    margin = int(np.ceil(width)) + 2
    away = cv2.distanceTransform(
        1 - np.pad(patch.pixels, margin).astype(np.uint8), cv2.DIST_L2, cv2.DIST_MASK_5
    )
    core = np.pad(deep[1:-1, 1:-1] > 1, margin)
    if np.count_nonzero(core) < max(9, patch.count // 4):
        core = np.pad(patch.pixels, margin)
    rows, own_rows = _overlap(patch.top - margin, away.shape[0], patch.frame[0])
    columns, own_columns = _overlap(patch.left - margin, away.shape[1], patch.frame[1])
    away, core = away[own_rows, own_columns], core[own_rows, own_columns]
    around = (away > 1.5) & (away <= width + 1.5)
    ring = around & scene.surround(patch, kind, (rows, columns))
    if np.count_nonzero(ring) < RING_SHOWN * np.count_nonzero(around):
        ring[:] = False
    return Sample(rows, columns, core, ring, thickness)


def _overlap(start: int, length: int, side: int) -> tuple[slice, slice]:
    """Where a window that begins at `start` lies in the image, and which part of it does."""
    first, last = max(0, start), min(side, start + length)
    return slice(first, last), slice(first - start, last - start)


def brightness_of(sample: Sample, scene: Scene) -> tuple[str, float] | None:
    """brighter | darker | similar beside the ring, as shown, and Cliff's delta; None: unsaid.

    Cliff's delta = P(inside > ring) - P(inside < ring) over pairs of pixels, -1 to 1: it does not
    depend on how luminance is scaled, and speckle or a two-coloured ring fool it less than they
    fool a difference of means. A difference must also be visible (VISIBLE) to be said.

    A region much longer than thick (vessels) crosses parts of the image that are lit differently:
    it is compared in square tiles, the medians over tiles count, and it is never called similar.

    Source: Cliff 1993; bounds for negligible (0.147) and large (0.474) effects, Romano et al. 2006.
    """
    found = [_contrast(*pair) for pair in _histograms(sample, scene)]
    if not found:
        return None
    delta, gap = (float(np.median([one[i] for one in found])) for i in (0, 1))
    clipped = any(one[2] for one in found)
    if abs(gap) >= VISIBLE and abs(delta) >= LARGE and (gap > 0) == (delta > 0):
        return ("brighter" if gap > 0 else "darker"), delta
    if abs(gap) < VISIBLE and abs(delta) < NEGLIGIBLE and len(found) == 1 and not clipped:
        return "similar", delta
    return None


def _histograms(sample: Sample, scene: Scene) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Gray level histograms of core and ring in each tile that has enough of both."""
    shown = scene.luminance[sample.rows, sample.columns]
    side = int(max(TILE_PX, TILE_SHARE * sample.thickness))
    for top in range(0, shown.shape[0], side):
        for left in range(0, shown.shape[1], side):
            tile = np.s_[top : top + side, left : left + side]
            core, ring = (shown[tile][m[tile]] for m in (sample.core, sample.ring))
            if core.size >= CORE_LEAST and ring.size >= RING_LEAST:
                yield np.bincount(core, minlength=256), np.bincount(ring, minlength=256)


def _contrast(inside: np.ndarray, ring: np.ndarray) -> tuple[float, int, bool]:
    """Cliff's delta, difference of the medians, and whether the window hides the difference."""
    gap = _median(inside) - _median(ring)
    return cliffs_delta(inside, ring), gap, _clipped(inside, ring)


def cliffs_delta(inside: np.ndarray, ring: np.ndarray) -> float:
    """Cliff's delta of two histograms over the same bins."""
    below = np.cumsum(ring) - ring
    above = ring.sum() - below - ring
    return float((inside * (below - above)).sum() / (inside.sum() * ring.sum()))


def _median(histogram: np.ndarray) -> int:
    return int(np.searchsorted(np.cumsum(histogram), histogram.sum() / 2))


def _clipped(*histograms: np.ndarray) -> bool:
    """Half of either sample is pure black or white: the window hides what difference there is."""
    return any(h[0] + h[-1] >= h.sum() / 2 for h in histograms)


def attenuation_of(patch: Patch, scene: Scene) -> float | None:
    """Mean CT number of the whole mask in HU; None where the picture is no CT or has holes."""
    if scene.hounsfield is None:
        return None
    crop = scene.hounsfield[patch.top : patch.bottom, patch.left : patch.right]
    mean = float(crop[patch.pixels].mean(dtype=np.float64))
    return mean if np.isfinite(mean) else None


def homogeneity_of(sample: Sample, scene: Scene) -> tuple[str, float, str] | None:
    """homogeneous | heterogeneous, with the spread it rests on and its unit; None: not to be said.

    The spread is the 10th to 90th percentile range of the core: HU where the picture is a CT, else
    a share of the gray scale.
    """
    if np.count_nonzero(sample.core) < EVEN_LEAST:
        return None
    shown = scene.luminance[sample.rows, sample.columns][sample.core]
    if scene.hounsfield is not None:
        values, unit, (even, uneven) = _window(scene.hounsfield, sample), "HU", EVEN_HU
    elif _clipped(np.bincount(shown, minlength=256)):
        return None
    else:
        values, unit, (even, uneven) = shown / 255.0, "1", EVEN_SHOWN
    low, high = np.percentile(values, [10, 90])
    spread = float(high - low)
    if not np.isfinite(spread) or even < spread < uneven:
        return None
    return ("homogeneous" if spread <= even else "heterogeneous"), spread, unit


def _window(values: np.ndarray, sample: Sample) -> np.ndarray:
    return values[sample.rows, sample.columns][sample.core]
