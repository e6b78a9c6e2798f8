"""Contour files of a slide: Aperio and ASAP XML, QuPath GeoJSON; level-0 pixels."""

from itertools import groupby
from pathlib import Path

import numpy as np

from schemas.declaration.annotations import GeoJson, SlideXml
from schemas.reject import Fault
from transforms.layouts.item import LabelFault
from transforms.layouts.object_files import polygons_of
from transforms.layouts.slide_xml import APERIO, ASAP, Shape, shapes_of
from transforms.slides.contours import Contour

Found = list[Contour | Fault]
ELLIPSE_POINTS = 256
NO_AREA = ("3", "4", "Dot", "PointSet", "None")
"""Aperio: 3 ruler, 4 arrow or open line. ASAP: points. They mark no area."""


def geojson_contours(reader: GeoJson, path: Path) -> Found:
    """Polygon and MultiPolygon features. Raises Fault(annotation_malformed)."""
    return [
        one if isinstance(one, Fault) else _contour(one.label, one.rings, one.instance)
        for one in polygons_of(reader, path)
    ]


def _contour(label: str, rings: list[np.ndarray], instance: str) -> Contour | Fault:
    if not all(np.isfinite(r).all() and len(r) >= 3 for r in rings):
        return LabelFault("annotation_malformed", "a ring of no finite triangle", label)
    return Contour(label, tuple(rings), instance)


def xml_contours(reader: SlideXml, path: Path) -> Found:
    """Contours of an Aperio or ASAP file, negative ones cut out of the others of their layer.

    Raises Fault: file_absent, too_large, annotation_malformed.
    """
    root, shapes = shapes_of(path)
    if root == APERIO:
        return _aperio(reader, shapes)
    if root == ASAP:
        return _asap(reader, shapes)
    raise Fault("annotation_malformed", "neither an Aperio nor an ASAP file", "region")


def _aperio(reader: SlideXml, shapes: list[Shape]) -> Found:
    """Layers (Annotation) of regions; NegativeROA="1" is a hole of its layer."""
    found: Found = []
    everywhere: list[np.ndarray] = []
    for _, layer in groupby(shapes, key=lambda shape: id(shape.layer)):
        plain: list[Contour] = []
        cuts: list[np.ndarray] = []
        for shape in layer:
            says = {
                "group": shape.layer.get("Name"),
                "name": shape.own.get("Text"),
                "color": _aperio_color(shape.layer.get("LineColor")),
            }
            one = _drawn(reader, says[reader.label_from], shape, shape.own.get("Type") or "0")
            if isinstance(one, Fault):
                found.append(one)
            elif one.label in reader.holes:
                everywhere.append(one.rings[0])
            elif shape.own.get("NegativeROA") == "1":
                cuts.append(one.rings[0])
            else:
                plain.append(one)
        found += [_cut(one, cuts) for one in plain]
    return _cut_all(found, everywhere)


def _aperio_color(text: str | None) -> str | None:
    """LineColor is a number, red in its lowest byte."""
    if text is None or not text.isdigit():
        return None
    value = int(text)
    return f"#{value & 255:02x}{value >> 8 & 255:02x}{value >> 16 & 255:02x}"


def _asap(reader: SlideXml, shapes: list[Shape]) -> Found:
    """Annotations with a group; splines are taken as the polygon of their points."""
    found: Found = []
    cuts: list[np.ndarray] = []
    for shape in shapes:
        says = {
            "group": shape.own.get("PartOfGroup"),
            "name": shape.own.get("Name"),
            "color": (shape.own.get("Color") or "").lower() or None,
        }
        label = says[reader.label_from]
        unnamed = None if label == "None" else label  # ASAP writes None where there is no group
        one = _drawn(reader, unnamed, shape, shape.own.get("Type") or "")
        if isinstance(one, Contour) and one.label in reader.holes:
            cuts.append(one.rings[0])
        else:
            found.append(one)
    return _cut_all(found, cuts)


def _drawn(reader: SlideXml, said: str | None, shape: Shape, kind: str) -> Contour | Fault:
    label = (said or "").strip() or reader.label
    if label is None:
        return Fault("value_unmapped", "a contour without a label; declare `label`", "region")
    points = shape.points
    if not np.isfinite(points).all():
        return LabelFault("annotation_malformed", "a point is not a number", label)
    if kind in NO_AREA:
        return LabelFault("annotation_malformed", "a point, a ruler or an arrow has no area", label)
    if kind == "2":
        points = _ellipse(points)
    elif kind == "1" and len(points) == 2:
        (x0, y0), (x1, y1) = points
        points = np.array([(x0, y0), (x1, y0), (x1, y1), (x0, y1)])
    if len(points) < 3:
        return LabelFault("annotation_malformed", "a contour of fewer than three points", label)
    return Contour(label, (points,), shape.name)


def _ellipse(corners: np.ndarray) -> np.ndarray:
    """Aperio stores an ellipse by the corners of its box; here its polygon of 256 points."""
    if not len(corners):
        return corners
    low, high = corners.min(axis=0), corners.max(axis=0)
    turn = np.linspace(0, 2 * np.pi, ELLIPSE_POINTS, endpoint=False)
    return (low + high) / 2 + (high - low) / 2 * np.column_stack([np.cos(turn), np.sin(turn)])


def _cut(contour: Contour, cuts: list[np.ndarray]) -> Contour:
    """The contour without those cuts that could touch it."""
    x0, y0, x1, y1 = contour.box
    near = [
        ring
        for ring in cuts
        if (ring.max(axis=0) > (x0, y0)).all() and (ring.min(axis=0) < (x1, y1)).all()
    ]
    if not near:
        return contour
    return Contour(contour.label, contour.rings, contour.instance, (*contour.cuts, *near))


def _cut_all(found: Found, cuts: list[np.ndarray]) -> Found:
    return [one if isinstance(one, Fault) else _cut(one, cuts) for one in found]
