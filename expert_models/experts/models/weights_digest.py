"""The digest of weights: of one file its sha256, of a folder one over the digests of its files."""

import hashlib
from collections.abc import Sequence
from pathlib import Path

CHUNK = 1 << 20


def file_digest(path: Path) -> str:
    """sha256 of a file, 64 hex digits."""
    total = hashlib.sha256()
    with path.open("rb") as file:
        while block := file.read(CHUNK):
            total.update(block)
    return total.hexdigest()


def folder_digest(folder: Path, files: Sequence[str] = ()) -> str:
    """sha256 over lines `<sha256>  <path>\\n`, in the order of the paths' UTF-8 bytes.

    files: paths inside the folder; unset: all whose path has no part that begins with a dot. The same as
    `sha256sum FILES | sha256sum` in the folder, with the files in the order of `LC_ALL=C sort`.

    Raises FileNotFoundError where a named file is absent, ValueError where there is none at all.
    """
    names = sorted(files or visible_files(folder), key=lambda name: name.encode())
    if not names:
        raise ValueError(f"weights: found no file in {folder}; expected those of a model")
    total = hashlib.sha256()
    for name in names:
        total.update(f"{file_digest(folder / name)}  {name}\n".encode())
    return total.hexdigest()


def digest_of(path: Path, files: Sequence[str] = ()) -> str:
    """The digest that a card's `weights_sha256` states. One of `files` alone is a file."""
    if path.is_file():
        return file_digest(path)
    return file_digest(path / files[0]) if len(files) == 1 else folder_digest(path, files)


def visible_files(folder: Path) -> list[str]:
    """Every file below a folder as a posix path, links to files included, hidden ones not.

    Raises ValueError on a link to a folder: a loader would read what no digest covers.
    """
    found = []
    for path in folder.rglob("*"):
        inside = path.relative_to(folder)
        if path.is_symlink() and path.is_dir():
            raise ValueError(
                f"weights: found {inside}, a link to a folder; expected files; put the folder itself there"
            )
        if path.is_file() and not any(part.startswith(".") for part in inside.parts):
            found.append(inside.as_posix())
    return sorted(found)


def bytes_digest(content: bytes) -> str:
    """sha256 of what was read."""
    return hashlib.sha256(content).hexdigest()
