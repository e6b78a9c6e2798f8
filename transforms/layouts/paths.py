"""Paths of a source: globs in a fixed order, and nothing outside its folder."""

import bisect
import fnmatch
import glob as globbing
import os
import re
from functools import lru_cache
from pathlib import Path, PurePosixPath

from schemas.declaration.value import fill, holes
from schemas.reject import Fault


@lru_cache(maxsize=64)
def _real(root: Path) -> Path:
    return root.resolve()


def confine(root: Path, relative: str) -> Path:
    """The file of a relative path. Raises Fault(path_outside_root), also where a link leads out."""
    pure = PurePosixPath(relative)
    if pure.is_absolute() or ".." in pure.parts:
        raise Fault("path_outside_root", "a path that is absolute or holds ..")
    path = root / pure
    if not path.resolve().is_relative_to(_real(root)):
        raise Fault("path_outside_root", "a link that leads out of the source folder")
    return path


class Tree:
    """The files of a source while it is listed; a plain folder is read once, however often asked."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self._names: dict[str, list[str]] = {}

    def find(self, patterns: list[str], exclude: list[str] | None = None) -> list[str]:
        """Paths of files that match any glob and no excluded one, each once, sorted."""
        found = {p for pattern in patterns for p in self._glob(pattern)}
        return sorted(found - {p for pattern in exclude or [] for p in self._glob(pattern)})

    def _glob(self, pattern: str) -> list[str]:
        folder, _, name = pattern.rpartition("/")
        if globbing.has_magic(folder) or name == "**":
            hits = globbing.iglob(pattern, root_dir=self.root, recursive=True)
            found = [hit.replace("\\", "/") for hit in hits]
        else:
            folder = _unescaped(folder)
            found = [f"{folder}/{n}" if folder else n for n in self._named(folder, name)]
        return [path for path in found if (self.root / path).is_file()]

    def _named(self, folder: str, pattern: str) -> list[str]:
        """Names in a folder that match; only those that share the pattern's plain beginning are tried."""
        names = self._names.get(folder)
        if names is None:
            path = self.root / folder
            names = sorted(os.listdir(path)) if path.is_dir() else []
            self._names[folder] = names
        start = _unescaped(re.split(r"[*?]|\[(?![*?\[]\])", pattern, maxsplit=1)[0])
        first = bisect.bisect_left(names, start)
        last = bisect.bisect_right(names, start + chr(0x10FFFF))
        match = re.compile(fnmatch.translate(pattern)).match
        hidden = pattern.startswith(".")
        return [n for n in names[first:last] if match(n) and (hidden or not n.startswith("."))]


def _unescaped(pattern: str) -> str:
    """A glob without special characters, as plain text ("[*]" is an escaped star)."""
    return re.sub(r"\[([*?\[])\]", r"\1", pattern)


def fill_glob(template: str, columns: dict[str, str]) -> str | None:
    """A glob whose {column} holes are filled in literally; None where a column is missing."""
    return fill(template, {k: globbing.escape(columns.get(k, "")) for k in holes(template)})


def stem_of(name: str) -> str:
    """A file name without its suffix; `.nii.gz` is one suffix."""
    return re.sub(r"(\.nii)?\.[^.]+$", "", name) if "." in name.lstrip(".") else name


def labelled_stem(pattern: str | None, path: str) -> str | None:
    """The label in a path: group `label` of the pattern, else the stem; None where it does not match."""
    if pattern is None:
        return stem_of(PurePosixPath(path).name)
    match = re.search(pattern, path)
    return match["label"] if match else None


def built_in(path: str) -> dict[str, str]:
    """The columns every path gives: path, folder, parent, file, stem."""
    pure = PurePosixPath(path)
    folder = str(pure.parent) if len(pure.parts) > 1 else ""
    return {
        "path": path,
        "folder": folder,
        "parent": pure.parent.name,
        "file": pure.name,
        "stem": stem_of(pure.name),
    }


def size_of(root: Path, paths: list[str]) -> int:
    """Bytes of all files that exist."""
    total = 0
    for relative in paths:
        path = root / relative
        total += path.stat().st_size if path.is_file() else 0
    return total
