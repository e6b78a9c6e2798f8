"""Read an item: its pictures with what the source drew on them."""

from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from schemas.declaration import Declaration
from schemas.declaration.annotations import (
    AnAnnotation,
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
from schemas.reject import Fault
from schemas.vocabulary import findings
from transforms.formats.raster import read_raster
from transforms.formats.structures import Structure
from transforms.formats.volume import Cut, See
from transforms.layouts.item import Item, LabelFault, annotation_role
from transforms.layouts.paths import confine
from transforms.layouts.raster_annotations import draw
from transforms.layouts.upright import correct
from transforms.picture import Annotation, Picture


def read_item(
    item: Item, declaration: Declaration, root: Path, cut: Cut, *, see: See | None = None
) -> Iterator[Picture | Fault]:
    """The pictures of an item, each followed by the faults of annotations that it goes without.

    A fault with scope "item" means a picture was lost; one with scope "region" means the picture
    before it stays, without that annotation and flagged "annotation incomplete"; the label it would
    have had (all labels of the reader, where that is not known) does not count as exhaustive there.
    `cut` tells how volumes become pictures; `see` is asked of each before its slices are chosen.
    """
    if item.kind == "raster":
        yield from _raster(item, declaration, root)
    elif item.kind == "nifti":
        from transforms.layouts.label_volumes import nifti_pictures

        yield from _finished(nifti_pictures(item, declaration, root, cut, see), item, declaration)
    elif item.kind == "slide":
        from transforms.layouts.slide_tree import slide_pictures

        yield from _finished(slide_pictures(item, declaration, root, cut), item, declaration)
    else:
        from transforms.layouts.dicom_tree import dicom_pictures

        yield from _finished(dicom_pictures(item, declaration, root, cut, see), item, declaration)


def _raster(item: Item, declaration: Declaration, root: Path) -> Iterator[Picture | Fault]:
    try:
        picture = read_raster(confine(root, item.files["image"][0]))
    except Fault as fault:
        yield fault
        return
    lost: list[Fault] = []
    for number, reader in enumerate(declaration.annotations):
        if reader.concerns(item.columns):
            lost += _attach(picture, reader, number, item, root)
    yield from _finished([picture, *lost], item, declaration)


def _attach(
    picture: Picture, reader: AnAnnotation, number: int, item: Item, root: Path
) -> list[Fault]:
    """Add the annotations of one reader to a picture; the faults of those that cannot be used."""
    role = annotation_role(number)
    height, width = picture.display.shape[:2]
    faults: list[Fault] = []
    if not _annotated(reader, role, item) or (reader.optional and _gone(item, role, root)):
        return (
            []
            if reader.optional
            else [Fault("annotation_absent", f"reader {reader.reader}", "region")]
        )
    try:
        for found in draw(reader, item.files.get(role, []), item.rows.get(role, []), item.columns,
                          (height, width), root):  # fmt: skip
            if isinstance(found, Fault):
                faults.append(found)
            else:
                picture.annotations.append(found)
    except Fault as fault:
        faults.append(Fault(fault.reason, fault.detail, "region"))
    gone = {f.label for f in faults if isinstance(f, LabelFault)}
    if all(isinstance(f, LabelFault) for f in faults):
        whole = (w for w in reader.exhaustive() if w not in gone)
        picture.complete += [w for w in whole if w not in picture.complete]
    return [Fault(f.reason, f.detail, f.scope) for f in faults]


def _annotated(reader: Annotations, role: str, item: Item) -> bool:
    """Does the source hold this annotation of the item at all?"""
    if isinstance(reader, Mask | Masks | Voc | Yolo | GeoJson):
        return bool(item.files.get(role))
    if isinstance(reader, Coco):
        return role in item.rows
    if isinstance(reader, Boxes | Crops):
        return bool(item.rows.get(role))
    return True


def _gone(item: Item, role: str, root: Path) -> bool:
    """Are files named, by a template, and none of them is there?"""
    files = item.files.get(role, [])
    return bool(files) and not any((root / path).is_file() for path in files)


def _finished(
    stream: Iterable[Picture | Fault], item: Item, declaration: Declaration
) -> Iterator[Picture | Fault]:
    """Pictures upright, with sides and flags; faults after the picture they belong to.

    A region fault before the first picture concerns a label file of the whole item: all its
    pictures go without.
    """
    held: Picture | None = None
    everywhere = False
    waiting: list[Fault] = []
    for one in stream:
        if isinstance(one, Fault) and one.scope == "region":
            everywhere |= held is None
            waiting.append(one)
            continue
        if held is not None:
            yield _done(held, bool(waiting) or everywhere, item, declaration)
            yield from waiting
            held, waiting = None, []
        if isinstance(one, Fault):
            yield from waiting
            yield one
            waiting = []
        else:
            held = one
    if held is not None:
        yield _done(held, bool(waiting) or everywhere, item, declaration)
    yield from waiting


def _done(picture: Picture, lost: bool, item: Item, declaration: Declaration) -> Picture:
    if lost:
        picture.flags.append("annotation incomplete")
    _sides(picture, item, declaration)
    if declaration.display is not None:
        correct(picture, item.columns, declaration.display)
    return picture


def _sides(picture: Picture, item: Item, declaration: Declaration) -> None:
    """Give annotations the side of their label, else that of the paired organ the picture shows."""
    side_of = side_rule(item.columns | picture.columns, declaration)
    for annotation in picture.annotations:
        annotation.side = side_of(annotation)


def side_rule(
    columns: dict[str, str], declaration: Declaration
) -> Callable[[Annotation | Structure], str | None]:
    """The side of an annotation or structure of a picture or volume with these columns."""
    from transforms.layouts.meaning import value_of

    hidden = any(
        "side" in r.hide for r in declaration.rules if r.policy == "mark" and r.holds(columns)
    )
    try:
        side = None if hidden else value_of(declaration.columns.side, columns, "side")
    except Fault:
        side = None  # `meaning` raises the same fault for the whole picture

    def side_of(drawn: Annotation | Structure) -> str | None:
        if hidden:
            return None
        unsaid = drawn.side is None and _named_side(drawn, declaration) is None
        return side if unsaid and side in ("left", "right") else drawn.side

    return side_of


def _named_side(drawn: Annotation | Structure, declaration: Declaration) -> str | None:
    label_map = {} if drawn.producer else declaration.label_map
    term = findings().get(label_map.get(drawn.label, drawn.label))
    return term.side if term else None
