"""One annotation file a picture: Pascal VOC xml, YOLO txt, QuPath GeoJSON."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from schemas.declaration.annotations import GeoJson, Voc, Yolo
from schemas.reject import Fault
from transforms.layouts.boxes import half_open
from transforms.layouts.coco import load_json
from transforms.layouts.item import LabelFault
from transforms.layouts.polygons import polygon_mask
from transforms.picture import Annotation

Size = tuple[int, int]
Found = list[Annotation | Fault]


def voc_annotations(reader: Voc, path: Path, shape: Size) -> Found:
    """Objects of a Pascal VOC xml. Its size must be the image's; its path and folder are ignored."""
    from lxml import etree

    parser = etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=False)
    try:
        root = etree.fromstring(path.read_bytes(), parser)
    except etree.XMLSyntaxError:
        raise Fault("annotation_malformed", "not XML", "region") from None
    height, width = shape
    stated = (root.findtext("size/width"), root.findtext("size/height"))
    if all(stated) and stated != ("0", "0") and stated != (str(width), str(height)):
        detail = f"xml {stated[0]} x {stated[1]}, image {width} x {height}"
        raise Fault("mask_size_differs", detail, "region")
    found: Found = []
    for number, one in enumerate(root.iterfind("object")):
        label = (one.findtext("name") or "").strip()
        edges = [one.findtext(f"bndbox/{e}") for e in ("xmin", "ymin", "xmax", "ymax")]
        found.append(_boxed(label, edges, reader.convention, shape, f"voc:{number}"))
    return found


def _boxed(
    label: str, edges: list[Any], convention: str, shape: Size, instance: str
) -> Annotation | Fault:
    """An annotation of four texts, or the fault that keeps it from being one."""
    if not label:
        return Fault("annotation_malformed", "an object without a label", "region")
    try:
        numbers = tuple(float(e) for e in edges)
    except (TypeError, ValueError):
        return LabelFault("box_invalid", "an edge is not a number", label)
    try:
        box = half_open(numbers, convention, shape[1], shape[0])
    except Fault as fault:
        return LabelFault(fault.reason, fault.detail, label)
    return Annotation(label, box=box, instance=instance)


def boxed_row(
    label: str | None, edges: list[str | None], convention: str, shape: Size, instance: str
) -> Annotation | Fault:
    """An annotation of one table row."""
    return _boxed(label or "", edges, convention, shape, instance)


def yolo_annotations(reader: Yolo, classes: list[str], path: Path, shape: Size) -> Found:
    """Lines of a YOLO txt: `class cx cy w h`, or `class x1 y1 x2 y2 x3 y3 ...`, shares of the image."""
    found: Found = []
    height, width = shape
    for number, line in enumerate(path.read_text("utf-8-sig", "replace").splitlines()):
        cells = line.split()
        if not cells:
            continue
        label = (
            classes[int(cells[0])] if cells[0].isdigit() and int(cells[0]) < len(classes) else None
        )
        if label is None:
            found.append(
                Fault("value_unmapped", f"line {number + 1}: class not in the list", "region")
            )
        elif len(cells) == 5:
            found.append(_boxed(label, cells[1:], "cxcywh-normalised", shape, f"yolo:{number}"))
        elif len(cells) >= 7 and len(cells) % 2:
            found.append(_polygon(label, cells[1:], (width, height), shape, f"yolo:{number}"))
        else:
            found.append(
                Fault("annotation_malformed", f"line {number + 1}: {len(cells)} cells", "region")
            )
    return found


def _polygon(
    label: str, cells: list[str], scale: Size, shape: Size, instance: str
) -> Annotation | Fault:
    try:
        ring = np.array([float(c) for c in cells]).reshape(-1, 2) * np.array(scale)
    except ValueError:
        return LabelFault("annotation_malformed", "a point is not a number", label)
    return _drawn(label, [ring], shape, instance)


def _drawn(label: str, rings: list[np.ndarray], shape: Size, instance: str) -> Annotation | Fault:
    if not all(np.isfinite(r).all() and len(r) >= 3 for r in rings):
        return LabelFault("annotation_malformed", "a ring of no finite triangle", label)
    mask = polygon_mask(rings, shape)
    outside = rings[0].min() < -1 or (rings[0].max(axis=0) > np.array(shape[::-1]) + 1).any()
    if outside:
        return LabelFault("box_outside_image", "the polygon leaves the image", label)
    if not mask.any():
        return LabelFault("mask_empty", "the polygon covers no pixel centre", label)
    return Annotation(label, mask=mask, instance=instance)


@dataclass(frozen=True)
class Polygon:
    """One polygon of a GeoJSON: its rings, each [N, 2] (x, y) pixels; the first is the outside."""

    label: str
    rings: list[np.ndarray]
    instance: str


def geojson_annotations(reader: GeoJson, path: Path, shape: Size) -> Found:
    """Polygon and MultiPolygon features; coordinates are (x, y) pixels of the full image."""
    return [
        one if isinstance(one, Fault) else _drawn(one.label, one.rings, shape, one.instance)
        for one in polygons_of(reader, path)
    ]


def polygons_of(reader: GeoJson, path: Path) -> list[Polygon | Fault]:
    """Every polygon of a GeoJSON, of a feature collection or a bare list, and what is none."""
    content = load_json(path)
    features = content.get("features") if isinstance(content, dict) else content
    if not isinstance(features, list):
        raise Fault("annotation_malformed", "no features", "region")
    found: list[Polygon | Fault] = []
    for number, feature in enumerate(features):
        try:
            found.extend(_feature(reader, feature, f"geojson:{number}"))
        except (KeyError, TypeError, ValueError, AttributeError, IndexError):
            found.append(Fault("annotation_malformed", f"feature {number} is no polygon", "region"))
    return found


def _feature(reader: GeoJson, feature: Any, instance: str) -> list[Polygon | Fault]:
    geometry, properties = feature["geometry"], feature.get("properties") or {}
    label = (properties.get("classification") or {}).get("name") or reader.label
    if label is None:
        return [
            Fault("value_unmapped", "a feature without classification; declare `label`", "region")
        ]
    kind, coordinates = geometry["type"], geometry["coordinates"]
    if kind not in ("Polygon", "MultiPolygon"):
        return [Fault("annotation_malformed", f"a feature of type {kind!r}", "region")]
    polygons = coordinates if kind == "MultiPolygon" else [coordinates]
    if not all(polygons):
        raise ValueError("a polygon without a ring")
    many = len(polygons) > 1
    return [
        Polygon(
            label,
            [np.array(r, float)[:, :2] for r in rings],
            f"{instance}.{n}" if many else instance,
        )
        for n, rings in enumerate(polygons)
    ]
