"""A source of a few files, written on the fly."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from schemas.declaration import Declaration, load_declaration

HEAD = """
name: tiny
version: "1"
title: Tiny
home: https://example.org
citation: Nobody 2024
folder: tiny
split_of_origin: none stated
known_issues: []
"""

DEFAULTS = (("modality", "US"), ("license", "CC-BY-4.0"))


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """The folder of the source."""
    folder = tmp_path / "tiny"
    folder.mkdir()
    return folder


@pytest.fixture
def declare(tmp_path: Path) -> Callable[[str], Declaration]:
    """A declaration from its own keys alone; modality US and CC-BY-4.0 where it names none."""

    def load(text: str) -> Declaration:
        path = tmp_path / "tiny.yaml"
        own = "".join(
            f"{key}: {value}\n" for key, value in DEFAULTS if f"\n{key}:" not in f"\n{text}"
        )
        path.write_text(HEAD + own + text, "utf-8")
        return load_declaration(path)

    return load


@pytest.fixture
def picture(root: Path) -> Callable[..., None]:
    """Write an image file: an array, or grey of (height, width) with a gradient."""

    def write(name: str, array: np.ndarray | tuple[int, int] = (20, 30)) -> None:
        if isinstance(array, tuple):
            height, width = array
            array = (np.arange(height * width).reshape(height, width) % 251).astype(np.uint8)
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(array).save(path)

    return write
