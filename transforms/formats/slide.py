"""Whole-slide images through OpenSlide: levels, properties and regions, and nothing else.

Label and macro pictures of a slide may show a patient's name. This door has no way to them: only
`read_region` of the levels is called, never `associated_images`.
"""

import logging
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Self

import numpy as np

from schemas.reject import Fault

if TYPE_CHECKING:
    from openslide import OpenSlide

CACHE_BYTES = 16 << 20  # decoded tiles that OpenSlide may keep; the same for a slide of any size
MOST_TILE_PIXELS = 1 << 26  # of one tile in the file, which OpenSlide decodes whole: 256 MiB
WHITE = (255, 255, 255)
TIFF = (b"II*\0", b"MM\0*", b"II+\0", b"MM\0+")


@dataclass(frozen=True)
class Level:
    """One resolution of a slide: size in its own pixels, level-0 pixels a pixel of it."""

    width: int
    height: int
    downsample: float


class WholeSlide:
    """An open slide. Use it as a context manager; it holds no pixels but OpenSlide's bounded cache.

    OpenSlide refuses everything after its first error, so a region that cannot be decoded closes the
    slide and opens it again: the next region is read as if nothing had happened.
    """

    def __init__(self, path: Path) -> None:
        """Raises Fault file_absent, not_this_format, truncated, undecodable, too_large, reader_missing."""
        self._path = path
        self._handle = _opened(path)
        self.properties: dict[str, str] = dict(self._handle.properties)
        if fault := _tile_fault(self.properties):
            self._handle.close()
            raise fault
        pairs = zip(self._handle.level_dimensions, self._handle.level_downsamples, strict=True)
        self.levels = tuple(Level(w, h, float(d)) for (w, h), d in pairs)
        self._background = _background(self.properties)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._handle.close()

    @property
    def bounds(self) -> tuple[int, int, int, int]:
        """(x, y, width, height) of the scanned part, level-0 px; the whole slide where none is stated."""
        keys = ("bounds-x", "bounds-y", "bounds-width", "bounds-height")
        whole = (0, 0, self.levels[0].width, self.levels[0].height)
        try:
            x, y, width, height = (int(self.properties[f"openslide.{key}"]) for key in keys)
        except (KeyError, ValueError):
            return whole
        inside = (
            0 <= x < x + width <= self.levels[0].width
            and 0 <= y < y + height <= self.levels[0].height
        )
        return (x, y, width, height) if inside else whole

    def read(self, level: int, x: int, y: int, width: int, height: int) -> np.ndarray:
        """[height, width, 3] uint8 of a region; (x, y) in level-0 px, the size in px of the level.

        What the scanner left out shows the background the file names, else white. Raises
        Fault(undecodable).
        """
        from openslide import OpenSlideError

        try:
            region = self._handle.read_region((x, y), level, (width, height))
        except OpenSlideError:
            self._handle.close()
            self._handle = _opened(self._path)
            raise Fault("undecodable", f"a region of level {level} cannot be decoded") from None
        return _laid_on(np.asarray(region), self._background)


def _opened(path: Path) -> "OpenSlide":
    try:
        import openslide
    except ImportError as error:
        raise Fault(
            "reader_missing", "OpenSlide is not installed; install the extra `slides`"
        ) from error
    if not path.is_file():
        raise Fault("file_absent", "no regular file of this name")
    if path.stat().st_size == 0:
        raise Fault("truncated", "empty file")
    if openslide.OpenSlide.detect_format(path) is None:
        raise _why_not(path, "no slide that OpenSlide knows")
    try:
        handle = openslide.OpenSlide(path)
    except openslide.OpenSlideError:
        raise _why_not(path, "OpenSlide cannot open it", otherwise="undecodable") from None
    handle.set_cache(openslide.OpenSlideCache(CACHE_BYTES))
    return handle


def _tile_fault(properties: dict[str, str]) -> Fault | None:
    """A file of some KB may declare a tile that takes all memory to decode."""
    for key, text in properties.items():
        stem = key.removesuffix("tile-width")
        if stem == key or not key.startswith("openslide.level["):
            continue
        sides = text, properties.get(f"{stem}tile-height", "")
        if not all(side.isdecimal() for side in sides):
            continue
        width, height = map(int, sides)
        if width * height > MOST_TILE_PIXELS:
            detail = f"tiles of {width} x {height} px in the file; save it with smaller ones"
            return Fault("too_large", detail)
    return None


def _why_not(path: Path, detail: str, *, otherwise: str = "not_this_format") -> Fault:
    """A TIFF that speaks of bytes behind the end of the file was cut off; else as told."""
    with path.open("rb") as file:
        head = file.read(132)
    if head[:4] in TIFF and head[128:] != b"DICM" and _cut_off(path):
        return Fault("truncated", "the file ends before the pixels or directories it announces")
    return Fault(otherwise, detail)


def _cut_off(path: Path) -> bool:
    from tifffile import TiffFile

    logging.getLogger("tifffile").setLevel(logging.CRITICAL)  # what it has to say, the reason says
    size = path.stat().st_size
    try:
        with TiffFile(path) as file:
            ends = [
                offset + count
                for page in file.pages
                for offset, count in zip(page.dataoffsets, page.databytecounts, strict=True)
            ]
    except Exception:  # tifffile tells a missing directory in many ways
        return True
    return not ends or max(ends) > size


def _background(properties: dict[str, str]) -> tuple[int, int, int]:
    text = properties.get("openslide.background-color", "")
    try:
        red, green, blue = (int(text[i : i + 2], 16) for i in (0, 2, 4))
    except ValueError:
        return WHITE
    return red, green, blue


def _laid_on(rgba: np.ndarray, background: tuple[int, int, int]) -> np.ndarray:
    """[H, W, 4] uint8, straight alpha, on a plain background."""
    alpha = rgba[..., 3:]
    if alpha.min() == 255:
        return np.ascontiguousarray(rgba[..., :3])
    share = alpha.astype(np.float32) / 255.0
    mixed = rgba[..., :3] * share + np.array(background, np.float32) * (1 - share)
    return np.rint(mixed).astype(np.uint8)
