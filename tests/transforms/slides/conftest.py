"""Slides written on the spot."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from tests.transforms.slides import phantoms


@pytest.fixture(scope="session")
def tissue() -> Callable[..., np.ndarray]:
    """`tissue(height, width)`: the picture of a slide."""
    pytest.importorskip("openslide")
    return phantoms.tissue_picture


@pytest.fixture(scope="session")
def aperio() -> Callable[..., Path]:
    """`aperio(path, picture, ...)` writes an Aperio-style slide."""
    pytest.importorskip("openslide")
    return phantoms.write_aperio


@pytest.fixture(scope="session")
def plain() -> Callable[..., Path]:
    """`plain(path, picture, ...)` writes a generic pyramidal TIFF."""
    pytest.importorskip("openslide")
    return phantoms.write_plain
