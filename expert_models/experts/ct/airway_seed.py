"""Where a trachea is: a round spot of gas that goes on through many axial slices between the lungs."""

from dataclasses import dataclass

import numpy as np

from expert_models.experts.volume.grid import Spacing

AREA_MM2 = (35.0, 700.0)  # cross-section of tracheas of children and adults
LONGEST_SIDE = 2.5  # of its box by the other: a coronal fold of bowel is longer
LEAST_FILL = 0.5  # of its box
LEAST_MM = 20.0  # a shorter tube is a loop of bowel cut along
BESIDE_SHARE = 0.25  # of its slices, at least, show lung on both sides of it


@dataclass
class _Tube:
    """slices and marks of one chain, and the part of the slice that it ended in"""

    spots: list[tuple[int, np.ndarray]]
    beside: int


def longest_tube(gas: np.ndarray, lung: np.ndarray, spacing: Spacing) -> np.ndarray | None:
    """[s, h, w] bool: the longest tube of gas along the first axis; None where there is none.

    gas   what may be the tube
    lung  what is dark at all: a trachea has it on either side, a rectum has not
    """
    open_ones: list[_Tube] = []
    done: list[_Tube] = []
    for index in range(gas.shape[0]):
        spots = _round_spots(gas[index], spacing)
        going_on: list[_Tube] = []
        for spot in spots:
            tube = next((t for t in open_ones if (t.spots[-1][1] & spot).any()), None)
            if tube is None:
                tube = _Tube([], 0)
            else:
                open_ones = [t for t in open_ones if t is not tube]
            tube.spots.append((index, spot))
            tube.beside += _between(spot, lung[index])
            going_on.append(tube)
        done += open_ones
        open_ones = going_on
    tubes = [
        t
        for t in done + open_ones
        if len(t.spots) * spacing[0] >= LEAST_MM and t.beside >= BESIDE_SHARE * len(t.spots)
    ]
    if not tubes:
        return None
    best = max(tubes, key=lambda t: sum(int(spot.sum()) for _, spot in t.spots))
    seed = np.zeros(gas.shape, bool)
    for index, spot in best.spots:
        seed[index] = spot
    return seed


def _round_spots(section: np.ndarray, spacing: Spacing) -> list[np.ndarray]:
    from scipy.ndimage import find_objects, label

    marks, _ = label(section)
    found = []
    for number, box in enumerate(find_objects(marks), start=1):
        spot = marks[box] == number
        height, width = spot.shape[0] * spacing[1], spot.shape[1] * spacing[2]
        area = float(spot.sum()) * spacing[1] * spacing[2]
        if not AREA_MM2[0] <= area <= AREA_MM2[1]:
            continue
        if max(height, width) > LONGEST_SIDE * min(height, width):
            continue
        if area < LEAST_FILL * height * width:
            continue
        found.append(marks == number)
    return found


def _between(spot: np.ndarray, lung: np.ndarray) -> bool:
    """Whether the slice shows lung to the left and to the right of the spot, at its height or near it."""
    columns = np.flatnonzero(spot.any(axis=0))
    others = lung & ~spot
    left, right = others[:, : columns[0]], others[:, columns[-1] + 1 :]
    least = 2 * int(spot.sum())
    return bool(left.sum() >= least and right.sum() >= least)
