"""A small picture of a whole slide, put together block by block from its levels, never from a thumbnail.

A slide has a thumbnail of its own, but nothing proves that it shows the scan and not the label.
"""

from dataclasses import dataclass

import numpy as np
from PIL import Image

from schemas.reject import Fault
from transforms.formats.slide import Level, WholeSlide
from transforms.slides.cells import shares

FINEST_MPP = 8.0  # µm per overview pixel; finer shows cells, which is not asked for here
LONGEST_SIDE = 2048  # px; bounds memory on a slide of any size
BLOCK_SIDE = 1024  # px of a level, read at once
MOST_PIXELS = 20_000_000_000  # of the level it is put together from: minutes; 140 000 px a side
MOST_FAILURES = 32  # blocks that cannot be decoded, after which the slide is given up


@dataclass(frozen=True)
class Overview:
    """image [H, W, 3] uint8; unread [H, W] bool, what could not be decoded (white in `image`).

    origin  (x, y) of its top left corner, level-0 px; scale: level-0 px an overview pixel
    """

    image: np.ndarray
    unread: np.ndarray
    origin: tuple[int, int]
    scale: float

    def share(
        self, mask: np.ndarray, x: np.ndarray, y: np.ndarray, size: tuple[float, float]
    ) -> np.ndarray:
        """[len(y), len(x)] share of `mask` in tiles of `size` (width, height) at level-0 (x, y)."""
        left, top = (x - self.origin[0]) / self.scale, (y - self.origin[1]) / self.scale
        return shares(mask, left, top, (size[0] / self.scale, size[1] / self.scale))


def overview(slide: WholeSlide, mpp: float) -> Overview:
    """The scanned part at 8 µm per pixel, or coarser where its longer side would exceed 2048 px.

    mpp  µm per level-0 pixel. Pixels are means (box filter) of those of the nearest finer level.
    Raises Fault undecodable after 32 blocks that cannot be decoded, too_large where no level is small
    enough to be read through.
    """
    x0, y0, width, height = slide.bounds
    scale = max(FINEST_MPP / mpp, max(width, height) / LONGEST_SIDE, 1.0)
    shape = max(1, int(height / scale)), max(1, int(width / scale))
    out = Overview(np.full((*shape, 3), 255, np.uint8), np.zeros(shape, bool), (x0, y0), scale)
    level = max(
        (n for n, one in enumerate(slide.levels) if one.downsample <= scale * 1.001),
        key=lambda n: slide.levels[n].downsample,
        default=0,
    )
    side = _side(slide.levels[level], scale)
    failures = 0
    for top in range(0, shape[0], side):
        for left in range(0, shape[1], side):
            block = slice(top, min(top + side, shape[0])), slice(left, min(left + side, shape[1]))
            try:
                out.image[block] = _block(slide, level, out, block)
            except Fault as fault:
                failures += 1
                out.unread[block] = True
                if failures >= MOST_FAILURES:
                    detail = f"{failures} regions cannot be decoded; the rest was not tried"
                    raise Fault(fault.reason, detail) from None
    return out


def _side(level: Level, scale: float) -> int:
    """Overview pixels a side of a block. Raises Fault(too_large)."""
    side = int(BLOCK_SIDE * level.downsample / scale)
    if side < 1 or level.width * level.height > MOST_PIXELS:
        detail = f"{level.width} x {level.height} px and no smaller level; save it as a pyramid"
        raise Fault("too_large", detail)
    return side


def _block(slide: WholeSlide, level: int, out: Overview, block: tuple[slice, slice]) -> np.ndarray:
    """Overview pixels [rows, columns] of one block."""
    rows, columns = block
    size = columns.stop - columns.start, rows.stop - rows.start
    corner = columns.start * out.scale + out.origin[0], rows.start * out.scale + out.origin[1]
    return resampled(
        slide, level, corner, (size[0] * out.scale, size[1] * out.scale), size, Image.Resampling.BOX
    )


def resampled(
    slide: WholeSlide,
    level: int,
    corner: tuple[float, float],
    extent: tuple[float, float],
    size: tuple[int, int],
    kernel: Image.Resampling,
) -> np.ndarray:
    """[size[1], size[0], 3] uint8 of the level-0 rectangle at `corner` (x, y) of `extent` (width, height).

    Read from `level` with a margin for the kernel, so that neighbouring tiles meet without a seam.
    """
    one = slide.levels[level]
    start, count, box = [0, 0], [0, 0], [0.0, 0.0, 0.0, 0.0]
    for axis, limit in ((0, one.width), (1, one.height)):
        first = corner[axis] / one.downsample
        length = extent[axis] / one.downsample
        margin = 1 if kernel == Image.Resampling.BOX else 2 + int(np.ceil(2 * length / size[axis]))
        low = max(0, int(first) - margin)
        high = min(limit, int(np.ceil(first + length)) + margin)
        start[axis] = round(low * one.downsample)
        count[axis] = max(1, high - low)
        box[axis] = first - start[axis] / one.downsample
        box[axis + 2] = box[axis] + length
    region = slide.read(level, start[0], start[1], count[0], count[1])
    box = [
        max(0.0, box[0]),
        max(0.0, box[1]),
        min(float(count[0]), box[2]),
        min(float(count[1]), box[3]),
    ]
    picture = Image.fromarray(region).resize(size, kernel, box=(box[0], box[1], box[2], box[3]))
    return np.asarray(picture)
