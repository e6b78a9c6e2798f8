"""Phantom volumes in awkward grids: no flip, turn or shift maps a region to itself."""

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import pytest

from transforms.dicom_seg.derived import Origin, derived_series
from transforms.dicom_seg.marked import Labelled, Marked
from transforms.dicom_seg.write import Writing, as_bytes
from transforms.formats.structures import Structure, structure_of

SHAPE = (7, 10, 14)
DATE = "19700101"


def rotation(x: float, y: float, z: float) -> np.ndarray:
    """[3, 3] of rotations about three axes, degrees."""
    out = np.eye(3)
    for axis, degrees in enumerate((x, y, z)):
        a, b = (i for i in range(3) if i != axis)
        turn = np.eye(3)
        turn[[a, b], [a, b]] = np.cos(np.radians(degrees))
        turn[a, b], turn[b, a] = -np.sin(np.radians(degrees)), np.sin(np.radians(degrees))
        out = out @ turn
    return out


def affine_of(axes: np.ndarray, spacing: tuple[float, float, float]) -> np.ndarray:
    """(s, r, c, 1) -> LPS of index axes [3, 3] (columns s, r, c) and their spacing."""
    out = np.eye(4)
    out[:3, :3] = axes * np.array(spacing)
    out[:3, 3] = (-31.25, 17.5, 101.0625)
    return out


CANONICAL = np.array([[0, 0, 1], [0, 1, 0], [1, 0, 0]], float)  # columns: H, P, L
GRIDS = {
    "canonical": affine_of(CANONICAL, (4.0, 2.0, 3.0)),
    "oblique": affine_of(rotation(12, -9, 20) @ CANONICAL, (2.5, 0.7, 1.3)),
    "mirrored": affine_of(CANONICAL * np.array([1, -1, 1]), (5.0, 0.9, 0.9)),
    "sagittal": affine_of(np.array([[1, 0, 0], [0, 0, 1], [0, -1, 0]], float), (3.0, 1.0, 0.5)),
}
"""Grids by name; "mirrored" is left-handed."""


def structures() -> list[Structure]:
    """An L low at one corner, a dot far off with an empty slice between its two parts, and a bar."""
    ell = np.zeros(SHAPE, bool)
    ell[1, 1:6, 2] = ell[1, 5, 2:5] = ell[2, 1, 2] = True
    dots = np.zeros(SHAPE, bool)
    dots[3, 8, 12] = dots[5, 8, 11] = True
    bar = np.zeros(SHAPE, bool)
    bar[0:3, 5, 3:9] = True  # shares voxels with the L
    return [whole(ell, "liver"), whole(dots, "left kidney"), whole(bar, "pulmonary nodule")]


def whole(mask: np.ndarray, label: str) -> Structure:
    box = tuple(slice(int(i.min()), int(i.max()) + 1) for i in mask.nonzero())
    return structure_of(mask[box], box, label, shape=mask.shape, voxel_ml=None)  # type: ignore[arg-type]


def layers_of(
    structures: Sequence[Structure], shape: tuple[int, int, int]
) -> tuple[tuple[np.ndarray, ...], list[tuple[int, int]]]:
    """Structures packed into label layers, and (layer, value) of each.

    A structure goes to the first layer where its voxels are free; values count from 1 in each layer.
    """
    layers: list[np.ndarray] = []
    used: list[int] = []
    places: list[tuple[int, int]] = []
    for structure in structures:
        box = tuple(
            slice(a, a + n) for a, n in zip(structure.start, structure.mask.shape, strict=True)
        )
        free = (i for i, one in enumerate(layers) if not one[box][structure.mask].any())
        index = next(free, len(layers))
        if index == len(layers):
            layers.append(np.zeros(shape, np.uint16))
            used.append(0)
        used[index] += 1
        layers[index][box][structure.mask] = used[index]
        places.append((index, used[index]))
    return tuple(layers), places


def marked(found: Sequence[Structure], affine: np.ndarray) -> Labelled:
    """Structures as what is exported; the last of three is a candidate of an expert."""
    layers, places = layers_of(found, SHAPE)
    regions = []
    for n, (one, (layer, value)) in enumerate(zip(found, places, strict=True)):
        last = n == 2
        regions.append(
            Marked(
                id=f"vreg-{n:04d}", layer=layer, value=value, label=one.label,
                kind="lesion" if last else "organ", side="left" if n == 1 else "unknown",
                producer="ct-nodule@2" if last else "annotation:phantom@1",
                algorithm="automatic" if last else "manual", candidate=last,
            )
        )  # fmt: skip
    return Labelled(layers, affine, tuple(regions))


@pytest.fixture
def write_series(tmp_path: Path) -> Callable[..., list[Path]]:
    """`write_series(affine, modality)`: the derived series of a phantom, shuffled file names."""

    def write(
        affine: np.ndarray, modality: str = "CT", values: np.ndarray | None = None
    ) -> list[Path]:
        if values is None:
            values = np.arange(np.prod(SHAPE), dtype=np.int16).reshape(SHAPE) - 300
        origin = Origin("vol-1", "key-1", "study-1", "phantom", DATE, "0.0")
        paths = []
        series = derived_series(values, affine, modality, origin, hounsfield=modality == "CT")
        for index, ds in enumerate(series):
            path = tmp_path / f"image-{index * 5 % 7}-{index}.dcm"
            path.write_bytes(as_bytes(ds))
            paths.append(path)
        return paths

    return write


@pytest.fixture
def writing() -> Writing:
    return Writing("vol-1", DATE, "0.0")
