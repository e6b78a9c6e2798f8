"""DICOMDIR: the files a directory lists, confined to its own folder. PS3.3 F, PS3.10 8.

Records are read in their stored sequence and byte offsets are ignored, so a directory with broken
offsets still tells its files. Its paths are hostile until shown otherwise (CVE-2026-32711).
"""

from pathlib import Path

from schemas.reject import Fault
from transforms.formats.dicom_file import read_header
from transforms.formats.dicom_values import items, words

MEDIA_DIRECTORY = b"1.2.840.10008.1.3.10"


def is_dicomdir(path: Path) -> bool:
    """Whether the file's meta header names the Media Storage Directory class."""
    if not path.is_file():
        return False
    with path.open("rb") as file:
        head = file.read(1024)
    return head[128:132] == b"DICM" and MEDIA_DIRECTORY in head


def listed_files(path: Path) -> tuple[list[Path], list[tuple[Path, Fault]]]:
    """Files listed and present, in stored order; faults file_absent, path_outside_root, ..."""
    try:
        ds, _ = read_header(path)
        records = items(ds, "DirectoryRecordSequence")
        names = [parts for record in records if (parts := words(record, "ReferencedFileID"))]
    except Fault as fault:
        return [], [(path, fault)]
    files: list[Path] = []
    faults: list[tuple[Path, Fault]] = []
    root = path.parent.resolve()
    for parts in names:
        file = path.parent.joinpath(*parts)
        if any(p in ("", ".", "..") or "/" in p or "\\" in p or "\0" in p for p in parts):
            faults.append(
                (path, Fault("path_outside_root", "a record names a path with separators"))
            )
        elif not file.resolve().is_relative_to(root):
            faults.append((path, Fault("path_outside_root", "a record leads outside the folder")))
        elif not file.is_file():
            faults.append((file, Fault("file_absent", "listed by the directory file, not there")))
        else:
            files.append(file)
    return files, faults
