"""Blood-smear-like phantoms: red cells, one to two white cells, platelets, with Pascal VOC boxes.

Layout: JPEGImages/*.png and Annotations/*.xml; boxes are 1-based and inclusive, as VOC writes them.
"""

from pathlib import Path
from xml.etree import ElementTree as ET

import numpy as np

from pipelines.demo.shapes import blob, soften, texture, to_uint8
from pipelines.demo.truth import Drawn, Phantom, drawn, write_png

SIZE = (192, 256)
COUNT = 12
RADII = {"WBC": (19, 24), "RBC": (12, 15), "Platelets": (3.5, 5)}
BACKGROUND = (232, 218, 222)


def write(root: Path) -> list[Phantom]:
    """Write COUNT images; every image is a patient of its own."""
    return [_write_one(root, number) for number in range(COUNT)]


def _write_one(root: Path, number: int) -> Phantom:
    rng = np.random.default_rng([12, number])
    name = f"smear_{number:04d}"
    image = np.empty((*SIZE, 3), np.float32)
    image[:] = BACKGROUND
    cells = []
    for label, center, radius in _places(rng, white=1 + number % 2, platelets=number % 4):
        cells.append(drawn(label, _paint(image, rng, label, center, radius)))
    image = soften(image, 0.7) + 2 * rng.standard_normal((*SIZE, 1), dtype=np.float32)
    write_png(
        root / "JPEGImages" / f"{name}.png", to_uint8(image + 3 * texture(rng, SIZE, 30)[..., None])
    )
    _write_xml(root / "Annotations" / f"{name}.xml", name, cells)
    return Phantom(f"JPEGImages/{name}.png", name, [SIZE[1], SIZE[0]], cells)


def _places(rng: np.random.Generator, *, white: int, platelets: int) -> list[tuple]:
    """Non-touching places, large cells first; some cells are cut by the image border."""
    places: list[tuple] = []
    for label, wanted in (("WBC", white), ("RBC", 14), ("Platelets", platelets)):
        for _ in range(40 * wanted):
            if sum(p[0] == label for p in places) == wanted:
                break
            radius = rng.uniform(*RADII[label])
            inset = 0 if label == "RBC" else radius + 2
            row, column = (rng.uniform(inset, side - inset) for side in SIZE)
            gaps = [np.hypot(row - r, column - c) - s for _, (r, c), s in places]
            if min(gaps, default=99) > radius * 1.12 + 2:
                places.append((label, (row, column), radius))
    return places


def _paint(
    image: np.ndarray, rng: np.random.Generator, label: str, center: tuple, radius: float
) -> np.ndarray:
    """Draw one cell into `image` and return its mask."""
    radii = (radius * rng.uniform(0.92, 1.08), radius * rng.uniform(0.92, 1.08))
    mask = blob(SIZE, center, radii, rough=0.03, rng=rng)
    if label == "RBC":  # paler in the middle: a biconcave disc
        image[mask] = (214, 140, 146)
        image[blob(SIZE, center, (radius * 0.42, radius * 0.42))] = (228, 178, 180)
    elif label == "WBC":  # pale plasma, lobed nucleus
        image[mask] = (196, 176, 212)
        for turn in rng.uniform(0, 2 * np.pi) + np.array([0, 2.1, 4.2]):
            lobe = (
                center[0] + 0.4 * radius * np.sin(turn),
                center[1] + 0.4 * radius * np.cos(turn),
            )
            image[blob(SIZE, lobe, (radius * 0.42, radius * 0.36), tilt=turn) & mask] = (
                98,
                56,
                142,
            )
    else:
        image[mask] = (140, 92, 164)
    return mask


def _write_xml(path: Path, name: str, cells: list[Drawn]) -> None:
    root = ET.Element("annotation")
    ET.SubElement(root, "filename").text = f"{name}.png"
    size = ET.SubElement(root, "size")
    for tag, value in (("width", SIZE[1]), ("height", SIZE[0]), ("depth", 3)):
        ET.SubElement(size, tag).text = str(value)
    for cell in cells:
        node = ET.SubElement(root, "object")
        ET.SubElement(node, "name").text = cell.label
        box = ET.SubElement(node, "bndbox")
        x0, y0, x1, y1 = cell.box
        for tag, edge in (("xmin", x0 + 1), ("ymin", y0 + 1), ("xmax", x1), ("ymax", y1)):
            ET.SubElement(box, tag).text = str(edge)
    ET.indent(root)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(ET.tostring(root) + b"\n")
