"""A slide to pictures: tiles of stated resolution, spread over its tissue, with what was drawn on them."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from PIL import Image

from schemas.declaration.slides import Slides
from schemas.reject import Fault
from transforms.formats.colour import collapse_equal_channels
from transforms.formats.flags import NOMINAL_RESOLUTION
from transforms.formats.slide import Level, WholeSlide
from transforms.formats.slide_scan import Scan, scan_of, statements
from transforms.picture import Picture, TileOf
from transforms.slides.contours import Contour, Drawn
from transforms.slides.focus import blurred
from transforms.slides.grid import Grid, Reading, grid_of, reading_for, spread
from transforms.slides.overview import Overview, overview, resampled
from transforms.slides.survey import Places, ground_of, judge_places

MOST_FAILURES = 32  # tiles that cannot be decoded, after which the rest of the slide is left


@dataclass(frozen=True)
class Plan:
    """What is known of a slide before its tiles are read. `order`: places of the grid, best first."""

    scan: Scan
    reading: Reading
    grid: Grid
    places: Places
    order: np.ndarray
    levels: tuple[Level, ...]

    def tile_at(self, corner: tuple[float, float]) -> TileOf:
        """The tile with this level-0 corner (x, y), as one of this slide."""
        scan, (width, height) = self.scan, self.grid.size
        return TileOf(
            box=(corner[0], corner[1], corner[0] + width, corner[1] + height),
            levels=tuple((one.width, one.height, one.downsample) for one in self.levels),
            mpp=(scan.mpp[1], scan.mpp[0]),
            magnification=scan.power,
            vendor=scan.vendor,
        )


def plan_tiles(slide: WholeSlide, wanted: Slides, drawn: Drawn, *, drawn_first: bool) -> Plan:
    """Where the tiles lie. Raises Fault mpp_missing, mpp_too_coarse, slide_small, undecodable, ..."""
    scan = scan_of(slide.properties, wanted)
    reading = reading_for(slide.levels, scan.mpp, wanted.mpp)
    grid = grid_of(slide.bounds, reading.step, wanted.tile, wanted.overlap)
    view = overview(slide, sum(scan.mpp) / 2)
    ground = ground_of(view.image, list(wanted.checks))
    places = judge_places(view, ground, grid, wanted.least_tissue)
    order = places.good[spread(*np.divmod(places.good, len(grid.x)))]
    if drawn_first and drawn:
        order = order[np.argsort(~_drawn_on(view, grid, drawn).ravel()[order], kind="stable")]
    return Plan(scan, reading, grid, places, order, slide.levels)


def _drawn_on(view: Overview, grid: Grid, drawn: Drawn) -> np.ndarray:
    """[rows, columns] bool: places on which something is drawn."""
    mask = drawn.marked(view.origin, view.scale, view.unread.shape)
    return view.share(mask, grid.x, grid.y, grid.size) > 0


def cut_slide(
    slide: WholeSlide, wanted: Slides, contours: list[Contour], *, drawn_first: bool = True
) -> Iterator[Picture | Fault]:
    """Tiles of a slide, at most `wanted.most_tiles`, then one fault of scope "tile" a reason.

    Keys are "x=0001024;y=0000512", the tile's corner in level-0 px; `frame` counts the places of the
    grid row by row. Tiles that a limit leaves out are no faults. `drawn_first`: tiles that carry
    a contour come before others. Where no tile passes, the last fault is `no_tiles`, of the item.
    """
    drawn = Drawn(contours)
    try:
        plan = plan_tiles(slide, wanted, drawn, drawn_first=drawn_first)
    except Fault as fault:
        yield fault
        return
    refused: Counter[str] = Counter()
    tried = passed = 0
    for place in plan.order:
        if passed == wanted.most_tiles or refused["tile_unreadable"] == MOST_FAILURES:
            break
        tried += 1
        row, column = divmod(int(place), len(plan.grid.x))
        corner = float(plan.grid.x[column]), float(plan.grid.y[row])
        try:
            pixels = read_tile(slide, plan.reading, corner, wanted.tile)
        except Fault:
            refused["tile_unreadable"] += 1
            continue
        if "blur" in wanted.checks and blurred(pixels, plan.reading.mpp[0]):
            refused["tile_blurred"] += 1
            continue
        passed += 1
        yield _picture(plan, pixels, corner, int(place), drawn)
    yield from _faults(plan, refused, tried, passed)


def read_tile(
    slide: WholeSlide, reading: Reading, corner: tuple[float, float], side: int
) -> np.ndarray:
    """[side, side, 3] uint8 at level-0 `corner` (x, y). Raises Fault(undecodable)."""
    if not reading.resampled:
        at = round(corner[0]), round(corner[1])
        return slide.read(reading.level, at[0], at[1], side, side)
    extent = side * reading.step[0], side * reading.step[1]
    kernel = Image.Resampling.BILINEAR  # Pillow widens it where it shrinks, so that nothing aliases
    return resampled(slide, reading.level, corner, extent, (side, side), kernel)


def _picture(
    plan: Plan, pixels: np.ndarray, corner: tuple[float, float], place: int, drawn: Drawn
) -> Picture:
    mpp, reading = plan.reading.mpp, plan.reading
    at = round(corner[0]), round(corner[1])
    picture = Picture(
        key=f"x={at[0]:07d};y={at[1]:07d}",
        display=pixels,
        spacing_mm=(mpp[1] / 1000, mpp[0] / 1000),
        frame=place,
        modality="SM",
        statements=statements(plan.scan, mpp),
        annotations=drawn.in_tile(corner, reading.step, len(pixels)),
        flags=[NOMINAL_RESOLUTION] if plan.scan.nominal else [],
        tile=plan.tile_at(corner),
    )
    picture.note(
        "tile_of_slide",
        corner=[round(corner[0], 3), round(corner[1], 3)],
        level=reading.level,
        scale=[round(step, 6) for step in reading.step],
        resampled=reading.resampled,
    )
    collapse_equal_channels(picture)
    return picture


def _faults(plan: Plan, refused: Counter[str], tried: int, passed: int) -> Iterator[Fault]:
    """One fault a reason, with counts; a slide of any size gives a handful."""
    total = plan.grid.count
    found: dict[str, list[str]] = {}
    for reason, count in plan.places.refused.items():
        found.setdefault(reason, []).append(f"{count} of {total} tiles")
    for reason, count in refused.items():
        said = f"{count} of {tried} tiles that were read"
        stopped = reason == "tile_unreadable" and count == MOST_FAILURES
        found.setdefault(reason, []).append(f"{said}; the rest was not tried" if stopped else said)
    for reason in sorted(found):
        yield Fault(reason, "; ".join(found[reason]), "tile")
    if not passed:
        yield Fault("no_tiles", f"{total} tiles, none passed")
