"""DICOM files of a source: items by their headers, pictures with SEG and RTSTRUCT objects."""

import os
import re
from collections.abc import Iterator
from pathlib import Path

from schemas.declaration import Declaration
from schemas.declaration.annotations import DicomObjects
from schemas.declaration.images import ImageSet
from schemas.reject import Fault
from transforms.formats.volume import Cut, See
from transforms.layouts.item import Item
from transforms.layouts.label_volumes import label_files, trusting
from transforms.layouts.paths import Tree, built_in, confine
from transforms.picture import Picture


def dicom_items(
    images: ImageSet, declaration: Declaration, root: Path, faults: list[tuple[str, Fault]]
) -> Iterator[Item]:
    """One item a series, multi-frame object or single image, joined to the objects that annotate it."""
    from transforms.formats.dicom_group import attach, group_series

    groups, bad = group_series(_files(images, root, faults))
    joined, lost = attach(groups)
    drawn = any(isinstance(a, DicomObjects) for a in declaration.annotations)
    faults += [(_below(root, path), fault) for path, fault in (*bad, *(lost if drawn else []))]
    for group, seg, contours in joined:
        files = {"image": [_below(root, p) for p in group.paths]}
        if drawn:
            files |= {
                role: [_below(root, p) for p in found]
                for role, found in (("seg", seg), ("rtstruct", contours))
                if found
            }
        columns = _columns(images, files["image"][0])
        if columns is None:
            continue
        header = {
            "PatientID": group.patient_id,
            "StudyInstanceUID": group.study_uid,
            "SeriesInstanceUID": group.series_uid,
        }
        columns |= {k: v for k, v in header.items() if v} | images.set | {"item": group.name}
        yield Item(group.name, "dicom", files, columns)


def _files(images: ImageSet, root: Path, faults: list[tuple[str, Fault]]) -> list[Path]:
    """Files of the globs, or the DICOMDIR itself (the format reader follows it)."""
    paths = []
    for name in Tree(root).find(images.glob or [images.dicomdir or ""], images.exclude):
        try:
            paths.append(confine(root, name))
        except Fault as fault:
            faults.append((name, fault))
    return paths


def _columns(images: ImageSet, path: str) -> dict[str, str] | None:
    """Built-in columns and those of the path's pattern; None where the path does not match it."""
    match = re.search(images.pattern, path) if images.pattern else None
    if images.pattern and match is None:
        return None
    return built_in(path) | {k: v for k, v in (match.groupdict() if match else {}).items() if v}


def _below(root: Path, path: Path) -> str:
    return Path(os.path.relpath(path, root)).as_posix()


def dicom_pictures(
    item: Item, declaration: Declaration, root: Path, cut: Cut, see: See | None = None
) -> Iterator[Picture | Fault]:
    """Pictures of one DICOM item with what its SEG and RTSTRUCT objects and its label files mark."""
    from transforms.formats.dicom_read import read_dicom

    readers = [
        a
        for a in declaration.annotations
        if isinstance(a, DicomObjects) and a.concerns(item.columns)
    ]
    try:
        roles = {
            role: [confine(root, p) for p in item.files.get(role, [])]
            for role in ("image", "seg", "rtstruct")
        }
    except Fault as fault:
        yield fault
        return
    seg, contours = (roles["seg"], roles["rtstruct"]) if readers else ([], [])
    missing = any(not r.optional for r in readers) and not (seg or contours)
    labels, faults = label_files(item, declaration, root)
    yield from faults
    concerned = (a for a in declaration.annotations if a.concerns(item.columns))
    exhaustive = {word for reader in concerned for word in reader.exhaustive()}
    if see is not None:
        see = trusting(see, exhaustive)
    for one in read_dicom(
        roles["image"], cut=cut, seg=seg, rtstruct=contours, labels=labels, see=see
    ):
        if isinstance(one, Picture):
            one.complete = [w for w in one.complete if w in exhaustive]
        yield one
    if missing:
        yield Fault("annotation_absent", "no SEG or RTSTRUCT refers to this item", "region")
