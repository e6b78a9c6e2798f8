"""From the annotation files and rows of a raster picture to annotations in its pixels."""

import re
from collections.abc import Iterator
from functools import singledispatch
from pathlib import Path

from schemas.declaration.annotations import (
    Annotations,
    Boxes,
    Coco,
    Crops,
    GeoJson,
    Mask,
    Masks,
    Voc,
    Yolo,
)
from schemas.declaration.value import fill
from schemas.reject import Fault
from transforms.formats.raster import read_array
from transforms.layouts.coco import coco_annotation
from transforms.layouts.item import LabelFault
from transforms.layouts.masks import annotations_of, binary, brightest, placed, same_size
from transforms.layouts.object_files import (
    boxed_row,
    geojson_annotations,
    voc_annotations,
    yolo_annotations,
)
from transforms.layouts.paths import confine, stem_of
from transforms.picture import Annotation

Found = Iterator[Annotation | Fault]


@singledispatch
def draw(
    reader: Annotations,
    files: list[str],
    rows: list[dict],
    columns: dict[str, str],
    shape: tuple[int, int],
    root: Path,
) -> Found:
    """Annotations of one reader on a picture [H, W], and a fault for each that cannot be used.

    Raises Fault where the whole annotation of the picture cannot be used.
    """
    raise Fault("annotation_malformed", "this reader does not go with raster pictures", "region")


def _present(root: Path, path: str) -> Path:
    file = confine(root, path)
    if not file.is_file():
        raise Fault("annotation_absent", "the annotation file of this image is missing", "region")
    return file


@draw.register
def _mask(reader: Mask, files, rows, columns, shape, root) -> Found:  # type: ignore[no-untyped-def]
    mask = read_array(_present(root, files[0]), expand_palette=bool(reader.colors))
    same_size(mask, shape)
    yield from annotations_of(reader, mask, columns)


@draw.register
def _masks(reader: Masks, files, rows, columns, shape, root) -> Found:  # type: ignore[no-untyped-def]
    for path in files:
        try:
            match = re.search(reader.pattern, path) if reader.pattern else None
            if reader.pattern and match is None:
                continue
            named = {k: v for k, v in (match.groupdict() if match else {}).items() if v}
            label = named.get("label") or fill(reader.label or "", columns)
            if not label:
                raise Fault("value_unmapped", "a mask whose name gives no label", "region")
            mask = read_array(_present(root, path))
            same_size(mask, shape)
            if reader.empty == "absent" and not (brightest(mask) >= reader.threshold).any():
                continue
            instance = named.get("instance") or stem_of(Path(path).name)
            yield Annotation(
                label,
                binary(mask, reader.threshold),
                instance=instance if reader.each == "object" else None,
            )
        except Fault as fault:
            yield Fault(fault.reason, fault.detail, "region")


@draw.register
def _crops(reader: Crops, files, rows, columns, shape, root) -> Found:  # type: ignore[no-untyped-def]
    for number, row in enumerate(rows):
        label = fill(reader.label, row)
        try:
            yield _crop(reader, row, number, label, shape, root)
        except Fault as fault:
            yield LabelFault(fault.reason, f"row {number + 1}: {fault.detail}", label or "")


def _crop(
    reader: Crops,
    row: dict[str, str],
    number: int,
    label: str | None,
    shape: tuple[int, int],
    root: Path,
) -> Annotation:
    path = fill(reader.file, row)
    if label is None or path is None:
        raise Fault("annotation_absent", "the row names no mask file", "region")
    size = fill(reader.size, row) if reader.size else None
    if size is not None and size.split("x") != [str(shape[1]), str(shape[0])]:
        raise Fault("mask_size_differs", f"row {size}, image {shape[1]}x{shape[0]}", "region")
    try:
        left, top = (int(float(fill(t, row) or "")) for t in (reader.left, reader.top))
    except ValueError:
        raise Fault("box_invalid", "left or top is not a number", "region") from None
    crop = binary(read_array(_present(root, path), expand_palette=True), reader.threshold)
    return Annotation(label, placed(crop, left, top, shape))


@draw.register
def _boxes(reader: Boxes, files, rows, columns, shape, root) -> Found:  # type: ignore[no-untyped-def]
    for number, row in enumerate(rows):
        edges = [fill(t, row) for t in reader.box]
        one = boxed_row(fill(reader.label, row), edges, reader.convention, shape, f"row:{number}")
        score = fill(reader.score, row) if reader.score else None
        if isinstance(one, Annotation) and score is not None:
            try:
                one.score = float(score)
            except ValueError:
                one = Fault("value_unmapped", f"row {number + 1}: score is not a number", "region")
        yield one


@draw.register
def _coco(reader: Coco, files, rows, columns, shape, root) -> Found:  # type: ignore[no-untyped-def]
    for row in rows:
        try:
            yield coco_annotation(row, shape)
        except Fault as fault:
            yield LabelFault(fault.reason, fault.detail, row["label"])


@draw.register
def _voc(reader: Voc, files, rows, columns, shape, root) -> Found:  # type: ignore[no-untyped-def]
    yield from voc_annotations(reader, _present(root, files[0]), shape)


@draw.register
def _yolo(reader: Yolo, files, rows, columns, shape, root) -> Found:  # type: ignore[no-untyped-def]
    path = _present(root, files[0])
    yield from yolo_annotations(reader, _classes(reader, root), path, shape)


def _classes(reader: Yolo, root: Path) -> list[str]:
    if reader.classes is not None:
        return reader.classes
    text = _present(root, reader.names or "").read_text("utf-8-sig", "replace")
    return [line.strip() for line in text.splitlines() if line.strip()]


@draw.register
def _geojson(reader: GeoJson, files, rows, columns, shape, root) -> Found:  # type: ignore[no-untyped-def]
    yield from geojson_annotations(reader, _present(root, files[0]), shape)
