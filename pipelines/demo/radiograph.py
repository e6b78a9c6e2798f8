"""Chest-radiograph-like phantoms with YOLO boxes; some show nothing and have an empty label file.

Layout: images/cxr_<n>.png, labels/cxr_<n>.txt (class, centre x, centre y, width, height, all as
shares of the image) and classes.txt. Nobody annotated the lungs.
"""

from pathlib import Path

import numpy as np

from pipelines.demo.shapes import blob, soften, texture, to_uint8
from pipelines.demo.truth import Drawn, Phantom, drawn, write_png

SIZE = (256, 224)
COUNT = 12
CLASSES = ("nodule", "consolidation")
RIGHT_LUNG, LEFT_LUNG = ((125, 64), (78, 37)), ((122, 160), (74, 34))  # centre, radii
DOME = ((228, 70), (40, 56))  # of the diaphragm


def write(root: Path) -> list[Phantom]:
    """Write COUNT images; every third shows neither nodule nor consolidation."""
    made = [_write_one(root, number) for number in range(COUNT)]
    (root / "classes.txt").write_text("\n".join(CLASSES) + "\n", "ascii")
    return made


def _write_one(root: Path, number: int) -> Phantom:
    rng = np.random.default_rng([16, number])
    name = f"cxr_{number:03d}"
    finds = _finds(rng, number)
    write_png(root / "images" / f"{name}.png", _film(rng, finds))
    objects = [drawn(label, mask) for label, mask in finds]
    path = root / "labels" / f"{name}.txt"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(_line(o) for o in objects), "ascii")
    lungs = [drawn(label, mask, annotated=False) for label, mask in _clear_lungs().items()]
    return Phantom(f"images/{name}.png", name, [SIZE[1], SIZE[0]], objects + lungs)


def _finds(rng: np.random.Generator, number: int) -> list[tuple[str, np.ndarray]]:
    finds = []
    if number % 3 == 1:
        center = (rng.uniform(85, 140), rng.choice([62, 160]) + rng.uniform(-12, 12))
        finds.append(("nodule", blob(SIZE, center, (8, 8), rough=0.06, rng=rng)))
    if number % 3 == 2 or number % 6 == 1:
        center = (rng.uniform(150, 175), rng.choice([58, 164]) + rng.uniform(-6, 6))
        finds.append(("consolidation", blob(SIZE, center, (24, 20), rough=0.14, rng=rng)))
    return finds


def _film(rng: np.random.Generator, finds: list[tuple[str, np.ndarray]]) -> np.ndarray:
    """Attenuation summed along the beam: body, two lungs, heart, spine, ribs; bright is dense."""
    film = 150 * soften(blob(SIZE, (150, 112), (150, 104)), 10)
    lungs = soften(blob(SIZE, *RIGHT_LUNG) | blob(SIZE, *LEFT_LUNG), 4)
    film -= 92 * lungs
    film += 78 * soften(_heart(), 4) + 46 * soften(blob(SIZE, (128, 112), (150, 11)), 3)
    film += 55 * soften(blob(SIZE, *DOME), 5)
    film += _ribs() * 16 * lungs
    for label, mask in finds:
        if label == "nodule":
            film += 46 * soften(mask, 1.2)
        else:
            film += (52 + 9 * texture(rng, SIZE, 5)) * soften(mask, 4)
    return to_uint8(soften(film + 3 * rng.standard_normal(SIZE), 0.6) + 2 * texture(rng, SIZE, 12))


def _heart() -> np.ndarray:
    return blob(SIZE, (172, 130), (40, 36), tilt=0.5)  # its larger part lies right of the middle


def _clear_lungs() -> dict[str, np.ndarray]:
    """The lung fields: what heart and diaphragm leave of the lungs. The right one lies on the left."""
    covered = _heart() | blob(SIZE, *DOME)
    lungs = {"right lung": blob(SIZE, *RIGHT_LUNG), "left lung": blob(SIZE, *LEFT_LUNG)}
    return {label: mask & ~covered for label, mask in lungs.items()}


def _ribs() -> np.ndarray:
    rows, columns = np.mgrid[: SIZE[0], : SIZE[1]]
    bow = rows + 0.006 * (columns - 112) ** 2
    return soften((bow % 24 < 6).astype(np.float32), 1.5)


def _line(found: Drawn) -> str:
    x0, y0, x1, y1 = found.box
    shares = (
        (x0 + x1) / 2 / SIZE[1],
        (y0 + y1) / 2 / SIZE[0],
        (x1 - x0) / SIZE[1],
        (y1 - y0) / SIZE[0],
    )
    return f"{CLASSES.index(found.label)} " + " ".join(f"{s:.8f}" for s in shares) + "\n"
