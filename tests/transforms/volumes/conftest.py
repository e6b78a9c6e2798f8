"""Shapes that no flip, turn or shift maps to itself, on a grid of three different spacings."""

from collections.abc import Callable

import numpy as np
import pytest

from transforms.formats.structures import Structure, structure_of_mask

SHAPE = (9, 14, 20)
SPACING = (5.0, 1.5, 0.75)


def ell(shape: tuple[int, int, int] = SHAPE) -> np.ndarray:
    """[S, H, W] bool: three bars of different length from one corner."""
    mask = np.zeros(shape, bool)
    mask[2:7, 3, 4] = True
    mask[2, 3:9, 4] = True
    mask[2, 3, 4:16] = True
    return mask


def structure(mask: np.ndarray, label: str = "liver", **fields: object) -> Structure:
    """A structure of a full-size mask on the phantom grid; `fields` as of a Structure."""
    from dataclasses import replace

    found = structure_of_mask(mask, label, voxel_ml=float(np.prod(SPACING)) / 1000)
    assert found is not None
    return replace(found, **fields)


@pytest.fixture
def shape_of() -> Callable[..., Structure]:
    return structure


@pytest.fixture
def bars() -> np.ndarray:
    return ell()
