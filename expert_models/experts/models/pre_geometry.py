"""How a scan lies on the network's canvas, and the way back. One object a scan, the same in 2-D and 3-D."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from expert_models.experts.models.card_input import Input
from expert_models.experts.models.pre_resample import centres

Shape = tuple[int, ...]


@dataclass(frozen=True)
class Fitted:
    """A scan of `shape` was resampled to `content` and put at `offset` into a `canvas`, px on each axis."""

    shape: Shape
    content: Shape
    offset: Shape
    canvas: Shape

    @property
    def inside(self) -> tuple[slice, ...]:
        """Where on the canvas the scan is."""
        return tuple(slice(o, o + n) for o, n in zip(self.offset, self.content, strict=True))

    def forth(self) -> list[np.ndarray]:
        """For each axis the indices on the scan of the pixels of its content."""
        return [centres(n, of) for n, of in zip(self.content, self.shape, strict=True)]

    def back(self, grid: Shape) -> list[np.ndarray]:
        """For each axis the indices, on an output that covers the canvas with `grid`, of the scan's pixels.

        Held to the content: what the network said of padding never reaches the scan.
        """
        made = []
        axes = zip(self.shape, self.content, self.offset, self.canvas, grid, strict=True)
        for shape, content, offset, canvas, cells in axes:
            on_canvas = offset + np.clip(centres(shape, content), 0, content - 1)
            made.append((on_canvas + 0.5) * (cells / canvas) - 0.5)
        return made

    def point_back(self, edge: np.ndarray, axis: int) -> np.ndarray:
        """Edges on the canvas (px, pixel i covers [i, i + 1)) as edges on the scan, held inside it."""
        scale = self.shape[axis] / self.content[axis]
        return np.clip((edge - self.offset[axis]) * scale, 0, self.shape[axis])


def fitted(seen: Input, shape: Shape, spacing_mm: Sequence[float] | None = None) -> Fitted:
    """Where a scan of this shape and spacing goes. spacing_mm is needed where the card states one."""
    whole = _at_spacing(seen, shape, spacing_mm)
    if seen.size is None:
        return _placed(seen, shape, whole, tuple(math.ceil(n / seen.multiple) * seen.multiple for n in whole))  # fmt: skip
    if seen.fit == "resize":
        return Fitted(shape, seen.size, (0,) * len(shape), seen.size)
    if seen.fit == "letterbox":
        scale = min(size / n for size, n in zip(seen.size, shape, strict=True))
        content = tuple(
            min(size, max(1, round(n * scale))) for size, n in zip(seen.size, shape, strict=True)
        )
        return _placed(seen, shape, content, seen.size)
    return _placed(seen, shape, whole, tuple(map(max, whole, seen.size)))


def _at_spacing(seen: Input, shape: Shape, spacing_mm: Sequence[float] | None) -> Shape:
    """The scan's shape at the card's spacing: edges stay, pixels are a whole number."""
    if seen.spacing_mm is None:
        return shape
    if spacing_mm is None:
        raise ValueError("a spacing is needed, and the scan has none")
    return tuple(
        max(1, round(n * mm / wanted))
        for n, mm, wanted in zip(shape, spacing_mm, seen.spacing_mm, strict=True)
    )


def _placed(seen: Input, shape: Shape, content: Shape, canvas: Shape) -> Fitted:
    centred = seen.align == "centre"
    offset = tuple((c - n) // 2 if centred else 0 for c, n in zip(canvas, content, strict=True))
    return Fitted(shape, content, offset, canvas)
