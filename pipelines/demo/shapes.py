"""Shapes and textures that the phantoms are drawn with: [H, W] arrays, rows down, columns right."""

import numpy as np

Canvas = tuple[int, int]  # height, width


def blob(
    size: Canvas,
    center: tuple[float, float],
    radii: tuple[float, float],
    *,
    tilt: float = 0.0,
    rough: float = 0.0,
    rng: np.random.Generator | None = None,
) -> np.ndarray:
    """An ellipse, [H, W] bool, its outline waved by up to about `rough` of the radius.

    center  (row, column) of pixel centres      radii  (along rows, along columns) before the tilt
    tilt    radians, clockwise as shown         rough  0 is a smooth ellipse; 0.2 is spiculated
    """
    rows, columns = np.ogrid[: size[0], : size[1]]
    down, right = rows - center[0], columns - center[1]
    along = np.cos(tilt) * down - np.sin(tilt) * right
    across = np.sin(tilt) * down + np.cos(tilt) * right
    distance = np.hypot(along / radii[0], across / radii[1])
    if rng is None or rough == 0:
        return distance <= 1
    return distance <= 1 + rough * wave(np.arctan2(along, across), rng)


def wave(angle: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """A closed wavy line over `angle` (radians): five harmonics of random phase and weight."""
    phase = rng.uniform(0, 2 * np.pi, 5)
    weight = rng.uniform(0.5, 1.0, 5) / np.sqrt(5)
    return sum(weight[k] * np.sin((k + 3) * angle + phase[k]) for k in range(5))


def tight_box(mask: np.ndarray) -> list[int]:
    """x0, y0, x1, y1 of a mask, half-open pixels. Raises ValueError on an empty mask."""
    rows, columns = np.nonzero(mask)
    if not len(rows):
        raise ValueError("an empty mask has no box")
    return [int(columns.min()), int(rows.min()), int(columns.max()) + 1, int(rows.max()) + 1]


def soften(image: np.ndarray, sigma: float) -> np.ndarray:
    """Gaussian blur over rows and columns (never over channels)."""
    import cv2

    return cv2.GaussianBlur(image.astype(np.float32), (0, 0), sigma)


def texture(rng: np.random.Generator, size: Canvas, sigma: float) -> np.ndarray:
    """Smooth noise of zero mean and unit spread, with grains of about `sigma` pixels."""
    noise = soften(rng.standard_normal(size, dtype=np.float32), sigma)
    return (noise - noise.mean()) / noise.std()


def to_uint8(image: np.ndarray) -> np.ndarray:
    """Round to 0..255."""
    return np.clip(np.rint(image), 0, 255).astype(np.uint8)
