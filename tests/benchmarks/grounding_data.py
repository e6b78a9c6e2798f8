"""Drawn sources for the benchmarks of grounding: pictures of three kinds, CT volumes, slides. No annotation."""

from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np

SIDE = 512
RECIPE = """
name: grounding
sources: [{{use: source.yaml, root: data}}]
knowledge: {{glossary: true}}
shards: {{items: {items}}}
cut: {{max_slices: 4}}
grounding:
  routes: [{{expert: {expert}}}]
"""
SOURCE = """
name: drawn
version: "1"
title: Drawn pictures for a benchmark
home: https://example.org/drawn
license: CC0-1.0
citation: none
folder: "."
modality: {modality}
anatomy: {anatomy}
split_of_origin: none stated
known_issues: []
images: [{{glob: "*.{suffix}", format: {format}}}]
{more}
"""


def _recipe(
    folder: Path, *, expert: str, modality: str, anatomy: str, suffix: str, format: str,
    items: int = 64, more: str = "",
) -> None:  # fmt: skip
    """Declaration and recipe of what lies in folder/data."""
    source = SOURCE.format(
        modality=modality, anatomy=anatomy, suffix=suffix, format=format, more=more
    )
    (folder / "source.yaml").write_text(source)
    (folder / "recipe.yaml").write_text(RECIPE.format(expert=expert, items=items))


def ultrasound(rng: np.random.Generator) -> np.ndarray:
    """[S, S] speckle with one dark ellipse."""
    y, x = np.mgrid[:SIDE, :SIDE].astype(np.float32)
    (cx, cy), (a, b) = rng.uniform(160, 350, 2), rng.uniform(40, 80, 2)
    mass = ((x - cx) / a) ** 2 + ((y - cy) / b) ** 2 < 1
    speckle = cv2.GaussianBlur(rng.rayleigh(30, (SIDE, SIDE)).astype(np.float32), (0, 0), 1.5)
    return np.clip((speckle * 2 + y * 0.1) * np.where(mass, 0.35, 1.0), 0, 255).astype(np.uint8)


def fundus(rng: np.random.Generator) -> np.ndarray:
    """[S, S, 3] BGR: an orange disc with dark branching lines and a bright spot."""
    picture = np.zeros((SIDE, SIDE, 3), np.uint8)
    cv2.circle(picture, (SIDE // 2, SIDE // 2), 240, (40, 90, 190), -1)
    heads = [(np.array([150.0, 256.0]), rng.uniform(-1, 1), 7)]
    while heads:
        at, angle, width = heads.pop()
        for _ in range(12):
            angle += rng.normal(0, 0.15)
            to = at + 14 * np.array([np.cos(angle), np.sin(angle)])
            ends = [tuple(int(v) for v in p) for p in (at, to)]
            cv2.line(picture, *ends, (25, 40, 120), width, cv2.LINE_AA)  # type: ignore[call-overload]
            at = to
        if width > 2:
            heads += [(at, angle - rng.uniform(0.3, 0.8), width - 2)]
            heads += [(at, angle + rng.uniform(0.3, 0.8), width - 2)]
    cv2.circle(picture, (150, 256), 32, (120, 200, 245), -1)
    outside = cv2.circle(np.zeros((SIDE, SIDE), np.uint8), (256, 256), 240, 1, -1) == 0
    noisy = cv2.add(picture, rng.integers(0, 9, picture.shape, dtype=np.uint8))
    noisy[outside] = 0
    return noisy


def section(rng: np.random.Generator) -> np.ndarray:
    """[S, S, 3] BGR: pink ground with some 150 purple nuclei."""
    picture = np.empty((SIDE, SIDE, 3), np.float32)
    picture[:] = (205, 150, 225)
    for _ in range(150):
        center = tuple(int(v) for v in rng.uniform(10, SIDE - 10, 2))
        radii = tuple(int(v) for v in rng.uniform(6, 11, 2))
        cv2.ellipse(picture, center, radii, float(rng.uniform(0, 180)), 0, 360, (140, 60, 90), -1)
    picture += rng.normal(0, 6, picture.shape)
    return np.clip(cv2.GaussianBlur(picture, (0, 0), 1.0), 0, 255).astype(np.uint8)


PICTURES: dict[str, tuple[Callable[[np.random.Generator], np.ndarray], str, str]] = {
    "us-breast-mass": (ultrasound, "US", "breast"),
    "fundus-vessels": (fundus, "OP", "retina"),
    "he-nuclei": (section, "GM-BF", "tissue section"),
}
"""Expert: who draws a picture for it, modality, body part."""


def pictures(folder: Path, expert: str, count: int) -> None:
    """`count` pictures in folder/data that the expert accepts, with source.yaml and recipe.yaml."""
    draw, modality, anatomy = PICTURES[expert]
    (folder / "data").mkdir(parents=True)
    for n in range(count):
        picture = draw(np.random.default_rng([7, n]))
        cv2.imwrite(str(folder / "data" / f"{n:05d}.png"), picture)
    _recipe(
        folder, expert=expert, modality=modality, anatomy=anatomy, suffix="png", format="raster"
    )


def volumes(folder: Path, count: int, shape: tuple[int, int, int] = (60, 224, 256)) -> None:
    """`count` CT volumes [s, r, c] of a body with two lungs, 2 mm voxels, four a shard; `ct-body-3d` looks."""
    import nibabel

    (folder / "data").mkdir(parents=True)
    s, r, c = np.ogrid[-1 : 1 : shape[0] * 1j, -1 : 1 : shape[1] * 1j, -1 : 1 : shape[2] * 1j]
    for n in range(count):
        rng = np.random.default_rng([9, n])
        hu = np.full(shape, -1000.0, np.float32)
        hu[np.broadcast_to((r / 0.8) ** 2 + (c / 0.9) ** 2 < 1, shape)] = 40
        for side in (-0.42, 0.42):
            width = rng.uniform(0.26, 0.32)
            lung = (s / 0.9) ** 2 + (r / 0.5) ** 2 + ((c - side) / width) ** 2 < 1
            hu[lung] = -850
        hu[np.broadcast_to(((r - 0.6) / 0.1) ** 2 + (c / 0.08) ** 2 < 1, shape)] = 700  # spine
        hu += rng.normal(0, 15, shape).astype(np.float32)
        values = np.rint(hu).astype(np.int16).transpose(2, 1, 0)
        image = nibabel.Nifti1Image(values, np.diag([-2.0, -2.0, 2.0, 1.0]))
        image.header.set_xyzt_units("mm")
        nibabel.save(image, folder / "data" / f"{n:05d}.nii.gz")
    _recipe(
        folder, expert="ct-body-3d", modality="CT", anatomy="chest", suffix="nii.gz",
        format="nifti", items=4,
    )  # fmt: skip


def slides(folder: Path, count: int, side: int = 4096) -> None:
    """`count` pyramidal TIFFs of `side` px at 0.5 um/px, two a shard; `he-nuclei` looks at 8 tiles each."""
    import tifffile

    (folder / "data").mkdir(parents=True)
    for n in range(count):
        rng = np.random.default_rng([8, n])
        tiles = [section(rng)[..., ::-1] for _ in range(4)]

        def blocks(side: int = side, tiles: list[np.ndarray] = tiles):  # type: ignore[no-untyped-def]
            """Tile after tile: a slide never lies in memory here, either."""
            across = side // SIDE
            for row in range(across):
                for column in range(across):
                    glass = row == 0 or column == 0
                    tile = tiles[(row + column) % 4]
                    moved = np.roll(tile, (7 * row, 11 * column), (0, 1))  # no two alike
                    yield np.full((SIDE, SIDE, 3), 243, np.uint8) if glass else moved

        with tifffile.TiffWriter(folder / "data" / f"{n:03d}.tif", bigtiff=True) as file:
            step = side
            while step >= 2 * SIDE or step == side:
                said = f"Aperio drawn\r\n{step}x{step}|AppMag = 20|MPP = {0.5 * side / step:g}"
                file.write(
                    blocks(step), shape=(step, step, 3), dtype=np.uint8, tile=(SIDE, SIDE),
                    photometric="rgb", compression="deflate", description=said, metadata=None,
                )  # fmt: skip
                step //= 4
    _recipe(
        folder, expert="he-nuclei", modality="SM", anatomy="tissue section", suffix="tif",
        format="slide", items=2, more="slide: {mpp: 0.5, tile: 512, most_tiles: 8, checks: []}",
    )  # fmt: skip
