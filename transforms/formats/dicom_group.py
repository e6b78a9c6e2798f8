"""DICOM files to items: series of slices, multi-frame objects, lone images, annotations."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from schemas.ids import digest
from schemas.reject import Fault
from transforms.formats.dicom_dicomdir import is_dicomdir, listed_files
from transforms.formats.dicom_file import read_header
from transforms.formats.dicom_frames import SEGMENTATIONS
from transforms.formats.dicom_pixels import check_pixel_description, frame_count
from transforms.formats.dicom_references import references_of
from transforms.formats.dicom_slide import NEVER_SHOWN, slide_part
from transforms.formats.dicom_values import numbers, sop_class, sop_instance, value, word

if TYPE_CHECKING:
    from pydicom import Dataset

RT_STRUCTURES = "1.2.840.10008.5.1.4.1.1.481.3"


@dataclass(frozen=True)
class DicomGroup:
    """One item of a DICOM tree.

    name        stable: of the Series (or SOP) Instance UID, never of a file name
    kind        series | multiframe | single (images); segmentation | contours (annotations)
    paths       its files, sorted by path; `read_dicom` orders slices by geometry
    sop_class   UID
    modality    value of (0008,0060), "" where absent
    references  series and SOP instances an annotation refers to
    """

    name: str
    kind: str
    paths: tuple[Path, ...]
    sop_class: str
    modality: str
    study_uid: str
    patient_id: str
    series_uid: str
    sop_uids: tuple[str, ...] = ()
    references: frozenset[str] = field(default_factory=frozenset)


def group_series(paths: list[Path]) -> tuple[list[DicomGroup], list[tuple[Path, Fault]]]:
    """Groups sorted by name, and one fault for every file that is no usable image or annotation.

    A DICOMDIR among the paths adds the files it lists inside its folder and is no item. Files that
    repeat a SOP Instance UID make a further group ("...+1"): copies are judged by their pixels
    later, not thrown away here.
    """
    faults: list[tuple[Path, Fault]] = []
    found: dict[tuple[str, tuple[str, ...], int], list[_File]] = {}
    seen: dict[tuple[tuple[str, ...], str], int] = {}
    for path in _expanded(paths, faults):
        try:
            file = _file(path)
        except Fault as fault:
            faults.append((path, fault))
            continue
        instance = file.key, file.sop_uid or str(path)
        copy = seen.get(instance, 0)
        seen[instance] = copy + 1
        found.setdefault((file.kind, file.key, copy), []).append(file)
    groups = [_group(copy, files) for (_, _, copy), files in found.items()]
    return sorted(groups, key=lambda g: g.name), sorted(faults, key=lambda f: str(f[0]))


def attach(
    groups: list[DicomGroup],
) -> tuple[list[tuple[DicomGroup, list[Path], list[Path]]], list[tuple[Path, Fault]]]:
    """(image group, its SEG files, its RTSTRUCT files); a fault for annotations of nothing here."""
    images = [g for g in groups if g.kind not in ("segmentation", "contours")]
    seg: dict[str, list[Path]] = {g.name: [] for g in images}
    contours: dict[str, list[Path]] = {g.name: [] for g in images}
    faults: list[tuple[Path, Fault]] = []
    for g in groups:
        if g in images:
            continue
        own = [i for i in images if g.references & set(i.sop_uids)]
        own = own or [i for i in images if i.series_uid in g.references]
        for image in own:
            (seg if g.kind == "segmentation" else contours)[image.name].extend(g.paths)
        if not own:
            fault = Fault(
                "reference_unknown", "annotates a series that is not in this source", "region"
            )
            faults += [(path, fault) for path in g.paths]
    return [(i, seg[i.name], contours[i.name]) for i in images], faults


def _expanded(paths: list[Path], faults: list[tuple[Path, Fault]]) -> list[Path]:
    """The paths without DICOMDIRs, with what those list; each file once, sorted."""
    out: dict[Path, Path] = {}
    for path in sorted(set(paths)):
        if not is_dicomdir(path):
            out.setdefault(path.resolve(), path)
            continue
        listed, bad = listed_files(path)
        faults += bad
        for file in listed:
            out.setdefault(file.resolve(), file)
    faults[:] = list({str(path): (path, fault) for path, fault in faults}.values())
    return sorted(out.values())


@dataclass(frozen=True)
class _File:
    """What grouping needs of one file, read once."""

    path: Path
    kind: str
    key: tuple[str, ...]
    sop_class: str
    sop_uid: str
    modality: str
    study_uid: str
    series_uid: str
    patient_id: str
    references: frozenset[str]


def _file(path: Path) -> _File:
    """Raises Fault when the file is no usable image or annotation."""
    ds, has_pixels = read_header(path)
    kind = _kind(ds)
    if slide_part(ds) in NEVER_SHOWN:
        raise Fault("slide_label", "an instance of image type LABEL or OVERVIEW")
    if kind != "contours":
        check_pixel_description(ds, has_pixels=has_pixels)
    return _File(
        path, kind, _key(ds, kind, path), sop_class(ds), sop_instance(ds), word(ds, "Modality"),
        word(ds, "StudyInstanceUID"), word(ds, "SeriesInstanceUID"), word(ds, "PatientID"),
        references_of(ds),
    )  # fmt: skip


def _kind(ds: "Dataset") -> str:
    if sop_class(ds) in SEGMENTATIONS:
        return "segmentation"
    if sop_class(ds) == RT_STRUCTURES:
        return "contours"
    if value(ds, "NumberOfFrames") is not None and frame_count(ds) > 1:
        return "multiframe"
    return "series" if numbers(ds, "ImagePositionPatient") else "single"


def _key(ds: "Dataset", kind: str, path: Path) -> tuple[str, ...]:
    """What the files of one item share.

    Slices share their Series Instance UID. De-identified files may lack it: then study, frame of
    reference, series number and folder stand in. Anything else stands alone.
    """
    if kind != "series":
        return (sop_instance(ds) or str(path),)
    if uid := word(ds, "SeriesInstanceUID"):
        return (uid,)
    keywords = ("StudyInstanceUID", "FrameOfReferenceUID", "SeriesNumber", "Modality")
    return (*(word(ds, k) for k in keywords), str(path.parent))


def _name(files: list[_File]) -> str:
    """From the Series UID, else the SOP UIDs, else the bytes of the first file."""
    head = files[0]
    series_uid = head.series_uid if head.kind == "series" else ""
    sop_uids = "+".join(sorted(f.sop_uid for f in files if f.sop_uid))
    uid = series_uid or sop_uids or head.path.read_bytes().hex()
    return f"{'series' if head.kind == 'series' else 'instance'}-{digest(uid)[:16]}"


def _group(copy: int, files: list[_File]) -> DicomGroup:
    head = files[0]
    return DicomGroup(
        name=_name(files) + (f"+{copy}" if copy else ""),
        kind="single" if head.kind == "series" and len(files) == 1 else head.kind,
        paths=tuple(f.path for f in files),
        sop_class=head.sop_class,
        modality=head.modality,
        study_uid=head.study_uid,
        patient_id=head.patient_id,
        series_uid=head.series_uid,
        sop_uids=tuple(f.sop_uid for f in files),
        references=head.references,
    )
