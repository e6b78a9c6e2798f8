"""A chest and upper abdomen in Hounsfield units: no two axes and no two sides are alike."""

import numpy as np

from expert_models.experts.base import VolumeScan

SPACING = (3.0, 2.0, 1.5)  # mm between slices, rows, columns
SHAPE = (84, 110, 200)  # 252 x 220 x 300 mm, foot to head, front to back, right to left
CARINA_MM = 165.0  # height above the first slice


def grid(
    shape: tuple[int, int, int] = SHAPE, spacing: tuple[float, float, float] = SPACING
) -> np.ndarray:
    """[3, S, H, W] mm of voxel centres."""
    return np.indices(shape, dtype=np.float32) * np.reshape(np.float32(spacing), (3, 1, 1, 1))


def ball(at: np.ndarray, center: tuple[float, ...], half: tuple[float, ...]) -> np.ndarray:
    """Ellipsoid; centre and half axes in mm as (up, back, left)."""
    return sum(((at[a] - center[a]) / half[a]) ** 2 for a in range(3)) <= 1


def tube(at: np.ndarray, one: tuple[float, ...], other: tuple[float, ...], mm: float) -> np.ndarray:
    """All within `mm` of the straight line between two points."""
    start, way = np.array(one), np.array(other) - np.array(one)
    along = sum((at[a] - start[a]) * way[a] for a in range(3)) / (way**2).sum()
    along = np.clip(along, 0, 1)
    return sum((at[a] - start[a] - along * way[a]) ** 2 for a in range(3)) <= mm**2


def chest(
    shape: tuple[int, int, int] = SHAPE, spacing: tuple[float, float, float] = SPACING
) -> tuple[np.ndarray, dict[str, np.ndarray]]:
    """HU of the volume, and where its parts are."""
    at = grid(shape, spacing)
    section = ((at[1] - 105) / 90) ** 2 + ((at[2] - 150) / 135) ** 2
    top = (CARINA_MM, 100.0, 152.0)
    truth = {
        "body": section <= 1,
        "right lung": ball(at, (165, 100, 80), (110, 66, 51)) & (at[0] > 75) & (section < 0.83),
        "left lung": ball(at, (170, 108, 223), (105, 60, 47)) & (at[0] > 84) & (section < 0.83),
        "spine": ((at[1] - 165) / 18) ** 2 + ((at[2] - 150) / 20) ** 2 <= 1,
        "trachea": tube(at, top, (260.0, 95.0, 152.0), 8.0),
        "bronchi": tube(at, top, (140.0, 104.0, 112.0), 6.0)
        | tube(at, top, (138.0, 106.0, 196.0), 5.0),
        "bowel": ball(at, (40, 60, 190), (16, 16, 30)),
        "nodule": ball(at, (190, 80, 80), (8, 8, 8)),
        "vessel": tube(at, (150, 120, 60), (215, 125, 62), 2.2),
    }
    ribs = (section < 0.93) & (section > 0.86) & (at[0] % 24 < 8)
    hu = np.full(shape, -1000.0, np.float32)
    hu[truth["body"]] = 40
    hu[ribs] = 500
    hu[truth["right lung"] | truth["left lung"]] = -850
    walls = tube(at, top, (140.0, 104.0, 112.0), 8.5) | tube(at, top, (138.0, 106.0, 196.0), 7.5)
    hu[walls] = 20
    hu[truth["trachea"] | truth["bronchi"]] = -995
    hu[truth["spine"]] = 350
    hu[truth["bowel"]] = -990
    hu[truth["nodule"] | truth["vessel"]] = 30
    hu[(np.abs(at[1] - 206) < 3) & (np.abs(at[2] - 140) < 120)] = 200  # a table top
    truth["airways"] = truth["trachea"] | truth["bronchi"]
    for lung in ("right lung", "left lung"):
        truth[lung] = truth[lung] & ~walls & ~truth["airways"]
    return hu, truth


def scan(hu: np.ndarray, **fields: object) -> VolumeScan:
    """A CT volume; a test names only the fields it is about."""
    values: dict[str, object] = {
        "id": "v",
        "values": hu,
        "modality": "CT",
        "unit": "HU",
        "spacing_mm": SPACING,
        "placed": True,
    }
    return VolumeScan(**(values | fields))  # type: ignore[arg-type]
