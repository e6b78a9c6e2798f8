"""Drawn discs, and the half of the real pictures that no constant was chosen on."""

import hashlib
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from schemas.declaration import load_declaration
from schemas.reject import Fault
from transforms.formats.volume import Cut
from transforms.layouts.listing import list_items
from transforms.layouts.meaning import meaning
from transforms.layouts.reading import read_item
from transforms.picture import Picture

SOURCES = Path(__file__).resolve().parents[3] / "pipelines" / "sources"


def disc(shape: tuple[int, int], row: float, column: float, radius: float) -> np.ndarray:
    """[H, W] bool."""
    rows, columns = np.indices(shape)
    return (rows - row) ** 2 + (columns - column) ** 2 <= radius**2


def overlap(one: np.ndarray, other: np.ndarray) -> float:
    """Intersection over union of two masks."""
    return float((one & other).sum() / max((one | other).sum(), 1))


@pytest.fixture
def draw_disc() -> Callable[..., np.ndarray]:
    return disc


@pytest.fixture
def iou() -> Callable[[np.ndarray, np.ndarray], float]:
    return overlap


@pytest.fixture
def report_half(samples: Path) -> Callable[[str, str, int], list[Picture]]:
    """(source, modality, number) to the first pictures whose name has an odd sha256."""

    def read(source: str, modality: str, number: int) -> list[Picture]:
        declaration = load_declaration(SOURCES / f"{source}.yaml")
        root = samples / declaration.folder
        found: list[Picture] = []
        for item in list_items(declaration, root).items:
            if int(hashlib.sha256(item.name.encode()).hexdigest(), 16) % 2 == 0:
                continue
            for one in read_item(item, declaration, root, Cut(max_slices=1)):
                if isinstance(one, Fault) or len(found) == number:
                    continue
                if meaning(one, item, declaration).modality == modality:
                    found.append(one)
            if len(found) == number:
                break
        return found

    return read
