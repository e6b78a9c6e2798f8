"""A slide-like phantom: a section of tissue on glass, pink with dark nuclei, as Aperio's scanners store it.

Layout: section.svs, a pyramidal TIFF of 0.5 µm per pixel with label and macro pictures, which may
name a patient and must stay behind. One part is out of focus, one bears green ink: tiles to refuse.
"""

from pathlib import Path
from typing import Any

import numpy as np

from pipelines.demo.shapes import blob, soften, texture, to_uint8
from pipelines.demo.truth import Drawn, Phantom, drawn

SIZE = (1024, 1280)
MPP = 0.5
GLASS, STROMA, NUCLEUS, INK = (243, 243, 243), (226, 164, 200), (92, 52, 128), (40, 150, 70)
SPACING, RADII = 52, (7, 11)  # px between nuclei and of them: 7 to 11 µm across
BLURRED = (slice(256, 512), slice(256, 512))  # rows, columns


def write(root: Path) -> list[Phantom]:
    """Write one slide."""
    picture, nuclei = _section(np.random.default_rng([19, 0]))
    _store(root / "section.svs", picture)
    return [Phantom("section.svs", "section", [SIZE[1], SIZE[0]], nuclei)]


def _section(rng: np.random.Generator) -> tuple[np.ndarray, list[Drawn]]:
    """The scan [H, W, 3] and its nuclei. Tissue lies to the right and below; the rest is glass."""
    tissue = blob(SIZE, (540, 720), (500, 620), rough=0.05, rng=rng)
    image = np.empty((*SIZE, 3), np.float32)
    image[:] = GLASS
    image[tissue] = STROMA
    grain = texture(rng, SIZE, 1) * 7 + texture(rng, SIZE, 6) * 4
    image += (grain * tissue)[..., None]
    nuclei = _nuclei(image, tissue, rng)
    image[BLURRED] = soften(image[BLURRED], 6)
    image[blob(SIZE, (640, 640), (44, 230), tilt=0.2)] = INK
    return to_uint8(soften(image, 0.5)), nuclei


def _nuclei(image: np.ndarray, tissue: np.ndarray, rng: np.random.Generator) -> list[Drawn]:
    """Paint one nucleus near each point of a grid that lies in the tissue; none touch."""
    found = []
    side = (2 * RADII[1] + 3,) * 2
    for row in range(SPACING, SIZE[0] - SPACING, SPACING):
        for column in range(SPACING, SIZE[1] - SPACING, SPACING):
            down, right = np.array((row, column)) + rng.integers(-13, 14, 2) - RADII[1] - 1
            radii = rng.uniform(*RADII, 2)
            middle = (RADII[1] + 1.0, RADII[1] + 1.0)
            mask = blob(side, middle, tuple(radii), tilt=rng.uniform(0, np.pi))
            place = slice(down, down + side[0]), slice(right, right + side[1])
            if tissue[place].all():
                shade = rng.uniform(0.9, 1.15)
                image[place][mask] = np.array(NUCLEUS) * shade + rng.normal(0, 5, (mask.sum(), 1))
                found.append(
                    drawn("nucleus", mask, annotated=False, corner=(int(down), int(right)))
                )
    return found


def _store(path: Path, picture: np.ndarray) -> None:
    """Full size, thumbnail, a quarter, label and macro: the order in which Aperio writes them."""
    import tifffile

    height, width = picture.shape[:2]
    head = "Aperio Image Library v11.2.1\r\n"
    said = f"{head}{width}x{height} (256x256) JPEG/RGB Q=70|AppMag = 20|MPP = {MPP:g}"
    tiled: dict[str, Any] = {"tile": (256, 256), "compression": "deflate", "photometric": "rgb"}
    plain: dict[str, Any] = {"rowsperstrip": 16, "compression": "deflate", "photometric": "rgb"}
    with tifffile.TiffWriter(path) as file:
        file.write(picture, description=said, metadata=None, **tiled)
        file.write(_reduced(picture, 16), description=said, metadata=None, **plain)
        file.write(_reduced(picture, 4), description=said, metadata=None, **tiled)
        for name, kind in (("label", 1), ("macro", 9)):
            note = f"{head}{name} 80x60"
            grey = np.full((60, 80, 3), 128, np.uint8)
            file.write(grey, description=note, subfiletype=kind, metadata=None, **plain)


def _reduced(picture: np.ndarray, factor: int) -> np.ndarray:
    """Means of factor x factor pixels."""
    height, width = (n // factor for n in picture.shape[:2])
    blocks = picture.reshape(height, factor, width, factor, 3)
    return to_uint8(blocks.mean(axis=(1, 3)))
