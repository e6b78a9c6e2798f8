"""The manifest of an index: digests of every file, and what the index was made from.

FAISS files from elsewhere are a memory-corruption surface (faiss issue 5400), so nothing is parsed
before every file has the digest that our own manifest gives it.
"""

import hashlib
import json
from importlib.metadata import version
from pathlib import Path
from typing import Any

from schemas.ids import digest
from schemas.vocabulary import findings
from transforms.knowledge.errors import IndexRefused

FORMAT = 1  # bump when the files or the meaning of their content change
NAME = "manifest.json"
LIBRARIES = ("bm25s", "faiss-cpu", "numpy", "pyarrow", "pystemmer", "scikit-learn", "scipy")


def write_manifest(folder: Path, described: dict[str, Any]) -> dict[str, Any]:
    """Describe every file of `folder` and write the manifest: `described`, versions, digests."""
    files = sorted(p for p in folder.rglob("*") if p.is_file())
    manifest = {
        "format": FORMAT,
        **described,
        "versions": {name: version(name) for name in LIBRARIES},
        "vocabulary": vocabulary_digest(),
        "files": {p.relative_to(folder).as_posix(): _sha256(p) for p in files},
    }
    manifest["fingerprint"] = _fingerprint(manifest)
    (folder / NAME).write_text(json.dumps(manifest, indent=1, sort_keys=True) + "\n", "utf-8")
    return manifest


def verified(folder: Path) -> dict[str, Any]:
    """The manifest of `folder`, after every file was held against it. Raises IndexRefused."""
    manifest = _read(folder)
    if manifest["format"] != FORMAT:
        raise IndexRefused(
            f"{folder.name}: format {manifest['format']}, this version reads {FORMAT}; build anew"
        )
    wrong = [
        name
        for name, sha256 in sorted(manifest["files"].items())
        if _sha256(folder / name) != sha256
    ]
    if wrong:
        raise IndexRefused(
            f"{folder.name}: not what its manifest describes: {', '.join(wrong)}; "
            "build it again with `medgrain knowledge build`"
        )
    return manifest


def bytes_of(folder: Path, manifest: dict[str, Any], name: str) -> bytes:
    """The bytes of one file, held against the manifest as they were read. Raises IndexRefused."""
    data = (folder / name).read_bytes()
    if hashlib.sha256(data).hexdigest() != manifest["files"].get(name):
        raise IndexRefused(f"{folder.name}: {name} is not the file that the manifest describes")
    return data


def holds_only_an_index(folder: Path) -> bool:
    """Whether `folder` has a manifest and no file that it does not name: safe to replace."""
    try:
        named = {*_read(folder)["files"], NAME}
    except IndexRefused:
        return False
    return all(p.relative_to(folder).as_posix() in named for p in folder.rglob("*") if p.is_file())


def vocabulary_digest() -> str:
    """sha256 over names, plurals and synonyms of the findings: what the shelf depends on."""
    return digest([[f.name, f.many(), f.synonyms] for f in findings()])


def _read(folder: Path) -> dict[str, Any]:
    try:
        manifest = json.loads((folder / NAME).read_text("utf-8"))
        whole = manifest["fingerprint"] == _fingerprint(manifest) and isinstance(
            manifest["files"], dict
        )
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise IndexRefused(f"{folder.name}: no readable {NAME} ({type(error).__name__})") from None
    if not whole:
        raise IndexRefused(f"{folder.name}: {NAME} was changed; build the index anew")
    return manifest


def _fingerprint(manifest: dict[str, Any]) -> str:
    return digest({k: v for k, v in manifest.items() if k != "fingerprint"})


def _sha256(path: Path) -> str | None:
    return hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else None
