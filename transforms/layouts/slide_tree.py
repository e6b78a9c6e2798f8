"""Slides of a source: items (one a file, or one a DICOM series), and pictures with their annotations."""

from collections.abc import Iterable, Iterator
from pathlib import Path

from schemas.declaration import Declaration
from schemas.declaration.annotations import GeoJson, SlideXml
from schemas.declaration.slides import Slides
from schemas.reject import Fault
from transforms.formats.slide import WholeSlide
from transforms.formats.volume import Cut
from transforms.layouts.item import Item, LabelFault, annotation_role
from transforms.layouts.paths import confine
from transforms.layouts.slide_contours import geojson_contours, xml_contours
from transforms.picture import Picture
from transforms.slides.contours import Contour
from transforms.slides.tiles import cut_slide

PROPERTY = "slide."
"""Columns of a declaration that start so are OpenSlide's properties of the slide, "slide.aperio.ImageID"."""


def whole_slides(
    items: Iterable[Item], root: Path, faults: list[tuple[str, Fault]]
) -> Iterator[Item]:
    """The items, with the DICOM instances of one series joined into one.

    A DICOM slide is many files: a level each, and label and macro pictures, which are listed as its
    files and never opened as pictures. Its item is named after its first file.
    """
    series: dict[tuple[str, str], list[Item]] = {}
    for item in items:
        path = item.files["image"][0]
        try:
            header = _dicom_header(confine(root, path))
        except Fault as fault:
            faults.append((item.name, fault))
            continue
        if header is None:
            yield Item(item.name, item.kind, {"image": [path, *_beside(root, path)]}, item.columns)
            continue
        folder = path.rpartition("/")[0]
        uid = header.pop("uid") or path
        joined = Item(item.name, item.kind, item.files, item.columns | header)
        series.setdefault((folder, uid), []).append(joined)
    for parts in series.values():
        levels = [p for p in parts if p.columns["slide_part"] == "VOLUME"]
        if not levels:
            faults += [
                (p.name, Fault("slide_label", "a label or overview without its slide"))
                for p in parts
            ]
            continue
        files = [p.files["image"][0] for p in (*levels, *(p for p in parts if p not in levels))]
        columns = {k: v for k, v in levels[0].columns.items() if k != "slide_part"}
        yield Item(levels[0].name, levels[0].kind, {"image": files}, columns)


def _dicom_header(path: Path) -> dict[str, str] | None:
    """What joins and hides: series, patient, study, and which part of a slide it is. None: no DICOM."""
    if not path.is_file():
        return None
    with path.open("rb") as file:
        if file.read(132)[128:] != b"DICM":
            return None
    from transforms.formats.dicom_file import read_header
    from transforms.formats.dicom_slide import slide_part
    from transforms.formats.dicom_values import word

    ds, _ = read_header(path)
    part = slide_part(ds)
    if part is None:
        raise Fault("not_this_format", "a DICOM object that is no slide")
    keys = ("PatientID", "StudyInstanceUID", "SeriesInstanceUID")
    said = {key: text for key in keys if (text := word(ds, key))}
    return said | {"uid": said.get("SeriesInstanceUID", ""), "slide_part": part}


def _beside(root: Path, path: str) -> list[str]:
    """The data folder of a MIRAX slide, so that a change in it is seen."""
    if not path.lower().endswith(".mrxs"):
        return []
    folder = confine(root, path[: -len(".mrxs")])
    return sorted(p.relative_to(root).as_posix() for p in folder.glob("*") if p.is_file())


def slide_pictures(
    item: Item, declaration: Declaration, root: Path, cut: Cut
) -> Iterator[Picture | Fault]:
    """Tiles of one slide. Faults of annotation files come first, so that every tile goes without them."""
    try:
        slide = WholeSlide(confine(root, item.files["image"][0]))
    except Fault as fault:
        yield fault
        return
    with slide:
        contours, complete, faults = _contours(item, declaration, root, slide)
        yield from faults
        columns = _named(declaration, slide)
        first = cut.prefer != "even"
        for one in cut_slide(slide, _wanted(declaration, cut), contours, drawn_first=first):
            if isinstance(one, Picture):
                one.complete = list(complete)
                one.columns = dict(columns)
            yield one


def _wanted(declaration: Declaration, cut: Cut) -> Slides:
    """The declaration's tiles, with what the recipe says otherwise."""
    own = {"mpp": cut.mpp, "tile": cut.tile, "most_tiles": cut.most_tiles}
    changed = {key: value for key, value in own.items() if value is not None}
    return declaration.slide.model_copy(update=changed)


def _named(declaration: Declaration, slide: WholeSlide) -> dict[str, str]:
    """The properties that the declaration names, and no other: a slide's may hold names and dates."""
    wanted = [name for name in declaration.named_columns if name.startswith(PROPERTY)]
    found = {name: slide.properties.get(name.removeprefix(PROPERTY), "") for name in wanted}
    return {name: text for name, text in sorted(found.items()) if text}


def _contours(
    item: Item, declaration: Declaration, root: Path, slide: WholeSlide
) -> tuple[list[Contour], list[str], list[Fault]]:
    """Contours of all readers, the labels that are exhaustive, and what cannot be used."""
    contours: list[Contour] = []
    complete: list[str] = []
    faults: list[Fault] = []
    for number, reader in enumerate(declaration.annotations):
        if not reader.concerns(item.columns):
            continue
        files = item.files.get(annotation_role(number), [])
        if not any((root / path).is_file() for path in files):
            if not reader.optional:
                faults.append(
                    Fault("annotation_absent", f"no file for reader {reader.reader}", "region")
                )
            continue
        try:
            found = _read(reader, confine(root, files[0]))
        except Fault as fault:
            faults.append(Fault(fault.reason, fault.detail, "region"))
            continue
        sound, lost = _on_slide(found, slide)
        contours += sound
        faults += [Fault(f.reason, f.detail, f.scope) for f in lost]
        if all(isinstance(f, LabelFault) for f in lost):
            gone = {f.label for f in lost if isinstance(f, LabelFault)}
            whole = [w for w in reader.exhaustive() if w not in gone and w not in complete]
            complete += whole
    return contours, complete, faults


def _read(reader: object, path: Path) -> list[Contour | Fault]:
    if isinstance(reader, GeoJson):
        return geojson_contours(reader, path)
    if isinstance(reader, SlideXml):
        return xml_contours(reader, path)
    raise Fault("annotation_malformed", "this reader does not go with slides", "region")


def _on_slide(found: list[Contour | Fault], slide: WholeSlide) -> tuple[list[Contour], list[Fault]]:
    """Contours that touch the slide; those beyond it are faults (µm written for px, say)."""
    width, height = slide.levels[0].width, slide.levels[0].height
    sound: list[Contour] = []
    lost: list[Fault] = []
    for one in found:
        if isinstance(one, Fault):
            lost.append(one)
        elif one.box[2] <= 0 or one.box[3] <= 0 or one.box[0] >= width or one.box[1] >= height:
            lost.append(LabelFault("box_outside_image", "a contour beyond the slide", one.label))
        else:
            sound.append(one)
    return sound, lost
