"""A chest in Hounsfield units: nothing in it is symmetric, so a flip or a transposition shows."""

import numpy as np

from expert_models.experts.base import Scan

SPACING = (2.0, 1.5)  # mm, rows and columns differ
SHAPE = (130, 220)


def ellipse(center_mm: tuple[float, float], half_mm: tuple[float, float]) -> np.ndarray:
    """[H, W] bool; centre and half axes in mm as (down, right)."""
    down, right = np.indices(SHAPE) * np.reshape(SPACING, (2, 1, 1))
    return ((down - center_mm[0]) / half_mm[0]) ** 2 + (
        (right - center_mm[1]) / half_mm[1]
    ) ** 2 <= 1


def chest() -> tuple[np.ndarray, dict[str, np.ndarray]]:
    """HU of the slice, and where its parts are."""
    truth = {
        "body": ellipse((120, 160), (95, 140)),
        "image left": ellipse((115, 90), (60, 45)),
        "image right": ellipse((130, 235), (45, 40)),
        "spine": ellipse((180, 160), (20, 22)),
        "trachea": ellipse((95, 162), (8, 8)),
        "nodule": ellipse((110, 95), (7, 7)),
    }
    hu = np.full(SHAPE, -1000.0, np.float32)
    hu[truth["body"]] = 40
    for lung in ("image left", "image right"):
        ribs = ellipse(*((115, 90), (66, 51)) if lung == "image left" else ((130, 235), (51, 46)))
        hu[ribs & (np.indices(SHAPE)[0] % 16 < 5)] = 500
        hu[truth[lung]] = -820
    hu[truth["spine"]] = 350
    hu[truth["trachea"]] = -990
    hu[truth["nodule"]] = 30
    hu[118:120, 20:200] = -100  # a table top
    return hu, truth


def scan(hu: np.ndarray, **fields: object) -> Scan:
    """An axial CT slice; a test names only the fields it is about."""
    values: dict[str, object] = {
        "id": "s",
        "display": np.clip((hu + 1000) / 8, 0, 255).astype(np.uint8),
        "modality": "CT",
        "native": hu,
        "unit": "HU",
        "spacing_mm": SPACING,
        "plane": "axial",
        "orientation": "L\\P",
    }
    return Scan(**(values | fields))  # type: ignore[arg-type]
