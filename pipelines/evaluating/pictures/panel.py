"""Panels: a picture or three planes of a volume, with the outlines of expert and annotation."""

from collections.abc import Iterable

import numpy as np

EXPERT, ANNOTATION = (255, 140, 0), (0, 210, 255)  # orange and cyan: told apart by all eyes
SIDE = 236  # px of a panel's longer side
PLANE_HEIGHT = 150  # px of each of the three planes of a volume


def picture_panel(
    display: np.ndarray,
    found: Iterable[np.ndarray],
    drawn: Iterable[np.ndarray],
    boxes: Iterable[tuple[tuple[float, float, float, float], tuple[int, int, int]]] = (),
) -> np.ndarray:
    """[h, w, 3] uint8, the longer side `SIDE`.

    display  [H, W] or [H, W, 3] uint8; found, drawn: masks [H, W] of expert and annotation, an outline each
    boxes    ((x0, y0, x1, y1), colour), of what is known by its box only
    """
    scale = SIDE / max(display.shape[:2])
    size = (max(1, round(display.shape[0] * scale)), max(1, round(display.shape[1] * scale)))
    panel = _shrunk(display, size)
    for masks, colour in ((drawn, ANNOTATION), (found, EXPERT)):
        for mask in masks:
            panel[_edge(mask, size)] = colour
    for (x0, y0, x1, y1), colour in boxes:
        rows = np.clip([round(y0 * scale), round(y1 * scale) - 1], 0, size[0] - 1)
        columns = np.clip([round(x0 * scale), round(x1 * scale) - 1], 0, size[1] - 1)
        panel[rows[0] : rows[1] + 1, columns] = colour
        panel[rows, columns[0] : columns[1] + 1] = colour
    return panel


def volume_panel(
    values: np.ndarray,
    spacing_mm: tuple[float, float, float] | None,
    window: tuple[float, float],
    found: list[np.ndarray],
    drawn: list[np.ndarray],
) -> np.ndarray:
    """[PLANE_HEIGHT, w, 3] uint8: axial, coronal and sagittal, each where most was found (or drawn).

    values  [S, H, W], axes foot to head, front to back, right to left; shown with the head up
    window  values shown black and white; masks [S, H, W]
    """
    steps = spacing_mm or (1.0, 1.0, 1.0)
    marked = found or drawn
    whole = np.any(marked, axis=0) if marked else np.ones(values.shape, bool)
    planes = []
    for axis in range(3):
        others = tuple(a for a in range(3) if a != axis)
        index = int(np.argmax(whole.sum(axis=others)))
        gray = np.take(values, index, axis=axis).astype(np.float32)
        gray = np.clip((gray - window[0]) / (window[1] - window[0]), 0, 1) * 255
        cut = [[np.take(m, index, axis=axis) for m in masks] for masks in (found, drawn)]
        if axis:  # rows run from foot to head
            gray, cut = gray[::-1], [[m[::-1] for m in masks] for masks in cut]
        planes.append(_plane(gray.astype(np.uint8), cut, steps[others[0]], steps[others[1]]))
    return np.hstack(planes)


def _plane(gray: np.ndarray, cut: list[list[np.ndarray]], down: float, right: float) -> np.ndarray:
    height, width = gray.shape[0] * down, gray.shape[1] * right
    size = (PLANE_HEIGHT, max(1, min(2 * PLANE_HEIGHT, round(PLANE_HEIGHT * width / height))))
    panel = _shrunk(gray, size)
    for masks, colour in zip(reversed(cut), (ANNOTATION, EXPERT), strict=True):
        for mask in masks:
            panel[_edge(mask, size)] = colour
    return np.pad(panel, ((0, 0), (0, 4), (0, 0)), constant_values=255)


def _shrunk(display: np.ndarray, size: tuple[int, int]) -> np.ndarray:
    from PIL import Image

    rgb = display if display.ndim == 3 else np.stack([display] * 3, axis=-1)
    made = Image.fromarray(np.ascontiguousarray(rgb[..., :3]).astype(np.uint8))
    return np.array(made.resize(size[::-1], Image.Resampling.LANCZOS))


def _edge(mask: np.ndarray, size: tuple[int, int]) -> np.ndarray:
    from PIL import Image
    from scipy.ndimage import binary_erosion

    small = Image.fromarray(mask.astype(np.uint8) * 255).resize(size[::-1], Image.Resampling.BOX)
    covered = np.asarray(small) > 127
    return np.asarray(covered & ~binary_erosion(covered))
