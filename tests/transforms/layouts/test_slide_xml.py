"""XML of contours: memory follows the points, not the file."""

import tracemalloc
from pathlib import Path

import numpy as np

from transforms.layouts.slide_xml import shapes_of


def test_points_in_their_order_and_attributes_of_both(tmp_path: Path) -> None:
    path = tmp_path / "a.xml"
    path.write_text(
        '<?xml version="1.0" encoding="windows-1252"?>'
        '<Annotations><Annotation Name="empty"/><Annotation Name="a"><Attributes/><Regions>'
        '<Region Text="t"><Vertices><Vertex X="1" Y="2.5"/><Vertex X="3"/></Vertices></Region>'
        "<Region/></Regions></Annotation></Annotations>"
    )
    root, (one, two) = shapes_of(path)
    assert (root, one.layer, one.own) == ("Annotations", {"Name": "a"}, {"Text": "t"})
    assert (one.name, two.name) == ("xml:1.0", "xml:1.1")
    assert np.array_equal(one.points, [(1, 2.5), (3, np.nan)], equal_nan=True)
    assert two.points.shape == (0, 2)


def test_a_long_contour_takes_little_more_than_its_points(tmp_path: Path) -> None:
    """A tree of it would take more than a kilobyte a point."""
    count = 30_000
    path = tmp_path / "a.xml"
    points = "".join(f'<Coordinate Order="{i}" X="{i}.5" Y="7"/>' for i in range(count)[::-1])
    path.write_text(
        "<ASAP_Annotations><Annotations><Annotation><Coordinates>"
        f"{points}</Coordinates></Annotation></Annotations></ASAP_Annotations>"
    )
    tracemalloc.start()
    _, (one,) = shapes_of(path)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert np.array_equal(one.points[:, 0], np.arange(count) + 0.5)
    assert peak < 80 * count
