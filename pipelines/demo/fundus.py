"""Fundus-like phantoms with COCO annotations: the optic disc as polygon, exudates as RLE.

Layout: images/fundus_<patient>_<R|L>.png and annotations.json. Polygons follow pixel edges, so that
they fill to exactly the drawn mask; RLE is COCO's uncompressed, column-major run lengths.
"""

import json
from pathlib import Path
from typing import Any

import numpy as np

from pipelines.demo.shapes import blob, soften, texture, to_uint8
from pipelines.demo.truth import Phantom, drawn, write_png

SIZE = (208, 224)
COUNT = 12
CATEGORIES = ({"id": 3, "name": "optic disc"}, {"id": 8, "name": "hard exudate"})


def write(root: Path) -> list[Phantom]:
    """Write COUNT images (two eyes a patient) and one annotations.json."""
    made: list[Phantom] = []
    images: list[dict[str, Any]] = []
    annotations: list[dict[str, Any]] = []
    for number in range(COUNT):
        phantom, shapes = _write_one(root, number)
        made.append(phantom)
        name = phantom.item.removeprefix("images/")
        images.append({"id": 100 + number, "file_name": name, "width": SIZE[1], "height": SIZE[0]})
        for category, shape in shapes:
            ident = {"id": len(annotations) + 1, "image_id": 100 + number, "category_id": category}
            annotations.append(ident | shape)
    content = {"images": images, "annotations": annotations, "categories": list(CATEGORIES)}
    (root / "annotations.json").write_text(json.dumps(content, indent=1) + "\n", "utf-8")
    return made


def _write_one(root: Path, number: int) -> tuple[Phantom, list[tuple[int, dict[str, Any]]]]:
    """In a right eye the disc lies right of the centre as shown, in a left eye left of it."""
    rng = np.random.default_rng([15, number])
    eye, patient = "RL"[number % 2], f"{number // 2 + 1:02d}"
    column = 112 + (46 if eye == "R" else -46)
    center = (104 + rng.uniform(-6, 6), column + rng.uniform(-4, 4))
    disc = blob(SIZE, center, (rng.uniform(15, 18), rng.uniform(13, 16)))
    exudates = [_exudate(rng, column) for _ in range(number % 4)]
    name = f"fundus_{patient}_{eye}.png"
    write_png(root / "images" / name, _photograph(rng, disc, exudates))
    shapes = [(3, _polygon(disc))] + [(8, _runs(mask)) for mask in exudates]
    objects = [drawn("optic disc", disc)] + [drawn("hard exudate", mask) for mask in exudates]
    facts: dict[str, str | float] = {"side": {"R": "right", "L": "left"}[eye]}
    return Phantom(f"images/{name}", patient, [SIZE[1], SIZE[0]], objects, facts), shapes


def _exudate(rng: np.random.Generator, disc_column: float) -> np.ndarray:
    """A small bright spot on the other side of the centre than the disc."""
    away = 90 if disc_column > 112 else 134
    center = (rng.uniform(60, 150), away + rng.uniform(-26, 26))
    return blob(SIZE, center, tuple(rng.uniform(4, 7, 2)), rough=0.12, rng=rng)


def _photograph(
    rng: np.random.Generator, disc: np.ndarray, exudates: list[np.ndarray]
) -> np.ndarray:
    import cv2

    field = blob(SIZE, (104, 112), (99, 99))
    image = np.empty((*SIZE, 3), np.float32)
    image[:] = (176, 82, 36)
    image *= (1 + 0.05 * texture(rng, SIZE, 14))[..., None]
    rows, columns = np.nonzero(disc)
    center = np.array([columns.mean(), rows.mean()])
    toward = np.sign(112 - center[0])
    macula = soften(blob(SIZE, (108, center[0] + toward * 72), (15, 15)), 7)[..., None]
    image *= 1 - 0.45 * macula
    for turn in (-1.25, -0.8, -0.3, 0.35, 0.85, 1.3, 2.6, 3.6):
        _vessel(image, rng, center, turn, toward)
    bright = soften(disc, 1.2)[..., None]
    image = image * (1 - bright) + np.array((246, 200, 128), np.float32) * bright
    for mask in exudates:
        image[mask] = (238, 214, 118)
    for turn in (-0.9, 0.9):
        _vessel(image, rng, center, turn, toward)
    image = cv2.GaussianBlur(image, (0, 0), 0.7) * soften(field, 1.2)[..., None]
    return to_uint8(image + 2 * rng.standard_normal((*SIZE, 1)) * field[..., None])


def _vessel(
    image: np.ndarray, rng: np.random.Generator, start: np.ndarray, turn: float, toward: float
) -> None:
    """An arc from the disc that bends round the macula and thins out."""
    import cv2

    t = np.linspace(0, 1, 36)
    reach = 120 * t
    angle = turn * (1 - 0.45 * t) + 0.08 * np.sin(7 * t + rng.uniform(0, 6))
    path = start + np.stack([toward * reach * np.cos(angle), reach * np.sin(angle)], axis=1)
    colour = (118, 34, 20) if rng.random() < 0.5 else (142, 46, 26)
    points = np.rint(path).astype(np.int32)
    for k in range(len(points) - 1):
        width = 3 if k < 10 else 2 if k < 22 else 1
        cv2.line(image, points[k].tolist(), points[k + 1].tolist(), colour, width, cv2.LINE_AA)


def _polygon(mask: np.ndarray) -> dict[str, Any]:
    """The outline of a row-convex mask along pixel edges, as COCO writes it: x, y, x, y, ..."""
    left: list[float] = []
    right: list[float] = []
    for row in np.flatnonzero(mask.any(axis=1)):
        columns = np.flatnonzero(mask[row])
        first, last = float(columns[0]), float(columns[-1] + 1)
        left = [first, float(row + 1), first, float(row), *left]
        right += [last, float(row), last, float(row + 1)]
    x0, y0, x1, y1 = drawn("", mask).box
    return {
        "segmentation": [left + right],
        "bbox": [x0, y0, x1 - x0, y1 - y0],
        "area": int(mask.sum()),
        "iscrowd": 0,
    }


def _runs(mask: np.ndarray) -> dict[str, Any]:
    flat = mask.ravel(order="F")
    edges = np.flatnonzero(np.diff(flat)) + 1
    counts = np.diff([0, *edges, flat.size]).tolist()
    x0, y0, x1, y1 = drawn("", mask).box
    return {
        "segmentation": {"size": list(mask.shape), "counts": [0, *counts] if flat[0] else counts},
        "bbox": [x0, y0, x1 - x0, y1 - y0],
        "area": int(mask.sum()),
        "iscrowd": 1,
    }
