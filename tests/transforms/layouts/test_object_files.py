"""Pascal VOC, YOLO and GeoJSON files."""

import json
from pathlib import Path

import numpy as np
import pytest
from skimage.draw import polygon2mask

from schemas.declaration.annotations import GeoJson, Voc, Yolo
from schemas.reject import Fault
from transforms.layouts.object_files import geojson_annotations, voc_annotations, yolo_annotations
from transforms.layouts.polygons import polygon_mask

SHAPE = (48, 64)


def voc(path: Path, body: str, size: str = "<width>64</width><height>48</height>") -> list:
    path.write_text(f"<annotation><path>/home/x</path><size>{size}</size>{body}</annotation>")
    reader = Voc.model_validate({"reader": "voc", "file": "x.xml"})
    return voc_annotations(reader, path, SHAPE)


def thing(name: str, *edges: object) -> str:
    tags = zip(("xmin", "ymin", "xmax", "ymax"), edges, strict=True)
    box = "".join(f"<{t}>{e}</{t}>" for t, e in tags)
    return f"<object><name>{name}</name><bndbox>{box}</bndbox></object>"


def test_voc(tmp_path: Path) -> None:
    found = voc(
        tmp_path / "a.xml",
        thing("WBC", 1, 5, 64, 9) + thing("RBC", 60, 4, 80, 9) + thing("RBC", "x", 1, 2, 3),
    )
    assert (found[0].label, found[0].box) == ("WBC", (0, 4, 64, 9))
    assert [(f.reason, f.label) for f in found[1:]] == [
        ("box_outside_image", "RBC"),
        ("box_invalid", "RBC"),
    ]


def test_voc_of_another_size_and_broken_voc(tmp_path: Path) -> None:
    with pytest.raises(Fault, match="mask_size_differs: xml 48 x 64, image 64 x 48"):
        voc(tmp_path / "a.xml", "", "<width>48</width><height>64</height>")
    with pytest.raises(Fault, match="annotation_malformed"):
        voc(tmp_path / "a.xml", "<object>")


def test_voc_reads_no_other_file(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("secret")
    path = tmp_path / "a.xml"
    path.write_text(
        f'<!DOCTYPE a [<!ENTITY e SYSTEM "file://{tmp_path}/secret">]><annotation>{thing("&e;", 1, 1, 3, 3)}</annotation>'
    )
    reader = Voc.model_validate({"reader": "voc", "file": "x.xml"})
    assert "secret" not in str(voc_annotations(reader, path, SHAPE))


def yolo(path: Path, text: str) -> list:
    path.write_text(text)
    reader = Yolo.model_validate({"reader": "yolo", "file": "x.txt", "classes": ["a", "b"]})
    return yolo_annotations(reader, ["a", "b"], path, SHAPE)


def test_yolo(tmp_path: Path) -> None:
    found = yolo(tmp_path / "a.txt", "1 0.5 0.25 0.25 0.5\n\n0 0 0 0.5 0 0.5 0.5 0 0.5\n")
    assert (found[0].label, found[0].box) == ("b", (24, 0, 40, 24))
    assert (found[1].label, int(found[1].mask.sum())) == ("a", 32 * 24)
    assert found[1].mask[:24, :32].all()


def test_bad_yolo_lines_are_faults(tmp_path: Path) -> None:
    found = yolo(
        tmp_path / "a.txt", "2 0.5 0.5 0.1 0.1\n0 0.5 0.5 0.1\n0 0.9 0.5 0.5 0.1\n0 0.5 0.5 nan 0.1"
    )
    reasons = ["value_unmapped", "annotation_malformed", "box_outside_image", "box_invalid"]
    assert [f.reason for f in found] == reasons


def geojson(path: Path, *features: dict, label: str | None = None) -> list:
    path.write_text(json.dumps({"type": "FeatureCollection", "features": list(features)}))
    reader = GeoJson.model_validate({"reader": "geojson", "file": "x", "label": label})
    return geojson_annotations(reader, path, SHAPE)


def feature(coordinates: list, name: str | None = "roi", kind: str = "Polygon") -> dict:
    properties = {"classification": {"name": name, "colorRGB": -16711936}} if name else {}
    return {
        "type": "Feature",
        "geometry": {"type": kind, "coordinates": coordinates},
        "properties": properties,
    }


def ring(x0: float, y0: float, x1: float, y1: float) -> list:
    return [[x0, y0], [x0, y1], [x1, y1], [x1, y0], [x0, y0]]


def test_geojson_holes_and_parts(tmp_path: Path) -> None:
    with_hole = feature([ring(10, 5, 30, 25), ring(12, 7, 20, 12)])
    two = feature([[ring(0, 0, 3, 2)], [ring(40, 40, 44, 48)]], kind="MultiPolygon")
    one, left, right = geojson(tmp_path / "a.json", with_hole, two)
    assert int(one.mask.sum()) == 20 * 20 - 8 * 5
    assert one.mask[5, 10]
    assert not one.mask[7, 12]
    assert not one.mask[4, 10]
    assert (int(left.mask.sum()), int(right.mask.sum())) == (6, 32)
    assert left.instance != right.instance


def test_geojson_faults(tmp_path: Path) -> None:
    found = geojson(
        tmp_path / "a.json",
        feature([ring(1, 1, 5, 5)], name=None),
        feature([1, 2], kind="Point"),
        feature([ring(60, 40, 90, 45)]),
        feature([[[0, 0], [1, 1]]]),
        {"type": "Feature"},
    )
    reasons = [
        "value_unmapped",
        "annotation_malformed",
        "box_outside_image",
        "annotation_malformed",
        "annotation_malformed",
    ]
    assert [f.reason for f in found] == reasons
    assert (
        geojson(tmp_path / "a.json", feature([ring(1, 1, 5, 5)], name=None), label="roi")[0].label
        == "roi"
    )


def test_polygons_cover_pixel_centres() -> None:
    points = np.array([[3.2, 4.1], [50.7, 8.3], [40.4, 44.9], [12.6, 30.2]])
    mine = polygon_mask([points], SHAPE)
    # scikit-image tests (row, column) of pixel indices, whose centres lie half a pixel on
    reference = polygon2mask(SHAPE, points[:, ::-1] - 0.5)
    assert mine.sum() > 500
    assert (mine != reference).sum() <= 2  # centres on an edge to the last bit
