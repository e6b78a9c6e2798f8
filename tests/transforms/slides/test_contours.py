"""Contours into tiles: areas, holes, objects that a border cuts."""

import numpy as np
import pytest
from skimage.draw import polygon2mask

from transforms.picture import Annotation
from transforms.slides.contours import Contour, Drawn

BLOB = np.array(
    [(30.3, 12.1), (141.7, 20.9), (170.2, 90.5), (95.5, 61.2), (60.8, 133.4), (12.6, 80.0)]
)
HOLE = np.array([(60.2, 40.3), (90.1, 41.6), (80.7, 58.9)])
SIDE = 64


def in_tile(contours: list[Contour], *place: object) -> list[Annotation]:
    return Drawn(contours).in_tile(*place)


def whole(rings: list[np.ndarray], shape: tuple[int, int] = (192, 192)) -> np.ndarray:
    """Independent: scikit-image tests pixel centres, its points are (row, column) of centres."""
    first, *others = (polygon2mask(shape, ring[:, ::-1] - 0.5) for ring in rings)
    for other in others:
        first = first & ~other
    return first


def tiles(contour: Contour, step: float = 1.0) -> np.ndarray:
    """The slide put together from what each tile shows of the contour."""
    count = 192 // SIDE
    side = int(SIDE / step)
    out = np.zeros((count * side, count * side), bool)
    for row in range(count):
        for column in range(count):
            for found in in_tile([contour], (column * SIDE, row * SIDE), (step, step), side):
                part = (
                    slice(row * side, (row + 1) * side),
                    slice(column * side, (column + 1) * side),
                )
                out[part] |= found.mask
    return out


def test_tiles_put_together_are_the_contour() -> None:
    assert np.array_equal(tiles(Contour("a", (BLOB,), "1")), whole([BLOB]))


def test_a_ring_within_and_a_negative_contour_are_holes() -> None:
    wanted = whole([BLOB, HOLE])
    assert wanted.sum() < whole([BLOB]).sum()
    assert np.array_equal(tiles(Contour("a", (BLOB, HOLE), "1")), wanted)
    assert np.array_equal(tiles(Contour("a", (BLOB,), "1", cuts=(HOLE,))), wanted)


def test_a_negative_contour_takes_away_only() -> None:
    over_the_edge = HOLE - np.array([50.0, 0.0])
    found = tiles(Contour("a", (BLOB,), "1", cuts=(over_the_edge,)))
    assert np.array_equal(found, whole([BLOB, over_the_edge]))


def test_area_at_half_the_resolution() -> None:
    found = tiles(Contour("a", (BLOB,), "1"), step=2.0)
    x, y = BLOB.T
    area = 0.5 * abs(np.dot(x, np.roll(y, 1)) - np.dot(y, np.roll(x, 1)))
    assert 4 * found.sum() == pytest.approx(area, rel=0.01)


def test_what_a_border_cuts_is_truncated() -> None:
    inside = Contour("cell", (np.array([(70.0, 70), (90, 70), (90, 100)]),), "2")
    across = Contour("cell", (np.array([(50.0, 70), (90, 70), (90, 100)]),), "3")
    found = in_tile([inside, across], (64, 64), (1.0, 1.0), SIDE)
    assert [(one.instance, one.truncated) for one in found] == [("2", False), ("3", True)]
    assert found[0].mask[10, 20]  # (x 84, y 74) of the slide
    assert not found[0].mask[20, 10]


def test_a_tile_within_a_contour_is_full_and_beyond_it_empty() -> None:
    ring = np.array([(-500.0, -500), (900, -500), (900, 900), (-500, 900)])
    (found,) = in_tile([Contour("a", (ring,), "1")], (64, 64), (1.0, 1.0), SIDE)
    assert found.mask.all()
    assert found.truncated
    assert in_tile([Contour("a", (ring,), "1")], (900, 0), (1.0, 1.0), SIDE) == []


def test_long_contours_cost_a_tile_only_what_passes_it() -> None:
    turn = np.linspace(0, 2 * np.pi, 40_000, endpoint=False)
    wave = 9000 + 40 * np.sin(400 * turn)
    ring = np.column_stack([9000 + wave * np.cos(turn), 9000 + wave * np.sin(turn)])
    corner = (17_900, 8_950)  # at its right edge
    (found,) = in_tile([Contour("a", (ring,), "1")], corner, (1.0, 1.0), 128)
    assert np.array_equal(found.mask, whole([ring - corner], (128, 128)))


def test_small_things_are_on_the_overview_too() -> None:
    dot = Contour("cell", (np.array([(100.0, 50), (103, 50), (103, 53)]),), "1")
    mask = Drawn([dot]).marked((0, 0), 16.0, (10, 10))
    assert [tuple(p) for p in np.argwhere(mask)] == [(3, 6)]


def test_the_overview_shows_contours_where_they_lie() -> None:
    contours = [Contour("a", (BLOB,), "1"), Contour("b", (HOLE + 3000,), "2")]
    found = Drawn(contours).marked((-40, -20), 2.0, (120, 130))
    wanted = whole([(BLOB - np.array([-40.0, -20.0])) / 2], (120, 130))
    middle = (BLOB.min(axis=0) + BLOB.max(axis=0)) / 2
    wanted[int((middle[1] + 20) / 2), int((middle[0] + 40) / 2)] = True
    assert np.array_equal(found, wanted)
