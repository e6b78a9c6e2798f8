"""The grid of tiles on a slide: from which level they are read, where they lie, in which order they are tried."""

from dataclasses import dataclass

import numpy as np

from schemas.reject import Fault
from transforms.formats.slide import Level

AS_IT_IS = 0.02  # a level whose resolution differs less from the one asked for is not resampled
MOST_PLACES = 4_000_000  # of a grid; more is a slip of the pen in tile or overlap


@dataclass(frozen=True)
class Reading:
    """How tiles are read.

    level       number of the level
    step        (x, y) level-0 px a tile pixel
    mpp         (x, y) µm per tile pixel, exactly
    resampled   pixels are scaled; else they are the level's own
    """

    level: int
    step: tuple[float, float]
    mpp: tuple[float, float]
    resampled: bool


def reading_for(levels: tuple[Level, ...], scan_mpp: tuple[float, float], mpp: float) -> Reading:
    """Which level serves `mpp` µm per pixel, and how it is scaled; never enlarged.

    A level within 2 % of what is asked is taken as it is, and its own resolution is told: sharp
    pixels are worth more than a round number. Raises Fault(mpp_too_coarse).
    """
    asked = mpp / scan_mpp[0], mpp / scan_mpp[1]
    for number, level in enumerate(levels):
        if all(abs(level.downsample / step - 1) <= AS_IT_IS for step in asked):
            own = level.downsample * scan_mpp[0], level.downsample * scan_mpp[1]
            return Reading(number, (level.downsample, level.downsample), own, resampled=False)
    finer = [n for n, level in enumerate(levels) if level.downsample <= min(asked)]
    if not finer:
        detail = f"scanned at {max(scan_mpp):.4g} µm per pixel, tiles are to have {mpp:.4g}"
        raise Fault("mpp_too_coarse", detail)
    best = max(finer, key=lambda n: levels[n].downsample)
    return Reading(best, asked, (mpp, mpp), resampled=True)


@dataclass(frozen=True)
class Grid:
    """Corners of tiles, level-0 px: `x` [columns], `y` [rows]; `size` (width, height) of each."""

    x: np.ndarray
    y: np.ndarray
    size: tuple[float, float]

    @property
    def count(self) -> int:
        return len(self.x) * len(self.y)


def grid_of(
    bounds: tuple[int, int, int, int], step: tuple[float, float], side: int, overlap: float
) -> Grid:
    """Tiles of `side` px from the top left corner of `bounds`, wholly inside; the rest is left over.

    Tiles lie a whole number of their own pixels apart. Raises Fault too_large, slide_small.
    """
    advance = max(1, round(side * (1 - overlap)))
    places = []
    for axis in (0, 1):
        count = int((bounds[axis + 2] / step[axis] - side) // advance) + 1
        places.append(bounds[axis] + np.arange(max(0, count)) * (advance * step[axis]))
    grid = Grid(places[0], places[1], (side * step[0], side * step[1]))
    if not grid.count:
        raise Fault("slide_small", f"no tile of {side} px fits into it")
    if grid.count > MOST_PLACES:
        raise Fault("too_large", f"{grid.count} tiles; widen `tile` or lessen `overlap`")
    return grid


def spread(rows: np.ndarray, columns: np.ndarray) -> np.ndarray:
    """Order in which to take places so that any first few lie all over them.

    rows, columns  [N] whole numbers. Places are ranked along a Z-curve (Morton 1966), neighbours side
    by side, and the ranks taken in the order of the radical inverse (van der Corput 1935): 0, 1/2,
    1/4, 3/4, 1/8, ... of the way. No randomness: the same places, the same order.
    """
    along = np.argsort(_morton(rows, columns), kind="stable")
    bits = max(1, int(len(along) - 1).bit_length())
    ranks = np.arange(1 << bits)
    inverse = np.zeros_like(ranks)
    for bit in range(bits):
        inverse |= ((ranks >> bit) & 1) << (bits - 1 - bit)
    return along[inverse[inverse < len(along)]]


def _morton(rows: np.ndarray, columns: np.ndarray) -> np.ndarray:
    """[N] int64: the bits of row and column interleaved."""
    out = np.zeros(len(rows), np.int64)
    for bit in range(31):
        out |= ((columns.astype(np.int64) >> bit) & 1) << (2 * bit)
        out |= ((rows.astype(np.int64) >> bit) & 1) << (2 * bit + 1)
    return out
