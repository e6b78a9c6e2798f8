"""An index in a folder: plain files, a manifest with their digests, and no way in without it.

FAISS files from elsewhere are a memory-corruption surface (faiss issue 5400), so nothing is parsed
before every file has the digest that our own manifest gives it.
"""

import hashlib
import json
import shutil
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from schemas.conform import to_row, to_table
from schemas.ids import digest
from schemas.passage import Passage
from schemas.vocabulary import findings
from transforms.knowledge.concepts import ConceptShelf, shelve
from transforms.knowledge.entry import Entry
from transforms.knowledge.index import Index
from transforms.knowledge.lexical import K1, B, Lexical
from transforms.knowledge.semantic import Semantic

FORMAT = 1  # bump when the files or the meaning of their content change
MANIFEST = "manifest.json"
FIELDS = ("title", "text")
LIBRARIES = ("bm25s", "faiss-cpu", "numpy", "pyarrow", "pystemmer", "scikit-learn", "scipy")

PASSAGES = pa.schema(
    [
        pa.field("id", pa.string(), nullable=False),
        pa.field("source", pa.string(), nullable=False),
        pa.field("license", pa.string(), nullable=False),
        pa.field("title", pa.string(), nullable=False),
        pa.field("text", pa.string(), nullable=False),
        pa.field("concept", pa.string(), nullable=False),
        pa.field("synonyms", pa.list_(pa.string()), nullable=False),
        pa.field("xrefs", pa.list_(pa.string()), nullable=False),
        pa.field("defines", pa.bool_(), nullable=False),
        pa.field("origin", pa.string(), nullable=False),
        pa.field("url", pa.string(), nullable=False),
    ],
    metadata={"schema": "knowledge", "version": str(FORMAT)},
)
SHELVED = pa.schema(
    [
        pa.field("finding", pa.string(), nullable=False),
        *(PASSAGES.field(n) for n in ("id", "source", "license", "title", "text", "concept")),
        pa.field("score", pa.float64(), nullable=False),
    ],
    metadata={"schema": "shelf", "version": str(FORMAT)},
)


class IndexRefused(Exception):
    """The folder is not what its manifest says. Nothing of it has been used."""


@dataclass
class Stored:
    """An index and the manifest it was opened by."""

    index: Index
    manifest: dict[str, Any]


def save(
    index: Index, folder: Path, *, sources: list[dict[str, Any]] | None = None
) -> dict[str, Any]:
    """Write `index` to `folder` and return its manifest. The same index gives the same bytes.

    `folder` must be new, empty, or hold an index, which is then replaced as a whole. Raises
    FileExistsError otherwise. `sources` is copied into the manifest.
    """
    if folder.exists() and any(folder.iterdir()) and not (folder / MANIFEST).is_file():
        raise FileExistsError(
            f"{folder.name} holds something else than an index; give a new folder"
        )
    fresh = folder.with_name(f"{folder.name}.partial")
    shutil.rmtree(fresh, ignore_errors=True)
    fresh.mkdir(parents=True)
    _write(index, fresh)
    manifest = _manifest(index, fresh, sources or [])
    (fresh / MANIFEST).write_text(json.dumps(manifest, indent=1, sort_keys=True) + "\n", "utf-8")
    if folder.exists():
        shutil.rmtree(folder)
    fresh.rename(folder)
    return manifest


def load(folder: Path) -> Stored:
    """The index in `folder`. Raises IndexRefused when a file is missing, changed, or of another
    index, or when the parts do not fit each other."""
    import faiss

    manifest = verified(folder)
    entries = _entries(_bytes(folder, manifest, "passages.parquet"))
    vectors = faiss.deserialize_index(
        np.frombuffer(_bytes(folder, manifest, "vectors.faiss"), dtype=np.uint8)
    )
    lexical = {name: Lexical.load(folder / "bm25" / name) for name in FIELDS}
    semantic = {name: _space(folder / f"{name}.npz") for name in FIELDS}
    width = sum(space.axes.shape[1] for space in semantic.values())
    counts = {len(entries), vectors.ntotal, *(part.documents for part in lexical.values())}
    if len(counts) != 1 or vectors.d != width:
        raise IndexRefused(
            f"{folder.name}: {len(entries)} passages, {vectors.ntotal} vectors of {vectors.d} "
            f"dimensions, {width} expected; build it again with `medgrain knowledge build`"
        )
    index = Index(entries, lexical, semantic, vectors, manifest["weight"], manifest["floor"])
    return Stored(index, manifest)


def load_shelf(folder: Path) -> ConceptShelf:
    """The shelf kept beside the index: cheap, for whoever needs no search.

    Computed anew from the whole index where the vocabulary has changed since the build.
    """
    manifest = verified(folder)
    if manifest["vocabulary"] != vocabulary_digest():
        return shelf_of(load(folder).index)
    held: dict[str, list[Passage]] = {}
    table = pq.read_table(pa.BufferReader(_bytes(folder, manifest, "shelf.parquet")))
    for row in table.to_pylist():
        held.setdefault(row["finding"], []).append(to_row(Passage, row))
    return ConceptShelf(held)


def shelf_of(index: Index) -> ConceptShelf:
    """The shelf over the passages of `index`, scored and cut by its floor."""
    at = {one.id: row for row, one in enumerate(index.entries)}
    return shelve(
        index.entries,
        lambda name, entries: index.score(name, [at[e.id] for e in entries]),
        index.floor,
    )


def verified(folder: Path) -> dict[str, Any]:
    """The manifest of `folder`, after every file was held against it. Raises IndexRefused."""
    try:
        manifest = json.loads((folder / MANIFEST).read_text("utf-8"))
        files, known = manifest["files"], manifest["format"]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise IndexRefused(
            f"{folder.name}: no readable {MANIFEST} ({type(error).__name__})"
        ) from None
    if known != FORMAT:
        raise IndexRefused(
            f"{folder.name}: format {known}, this version reads {FORMAT}; build anew"
        )
    if manifest.get("fingerprint") != _fingerprint(manifest):
        raise IndexRefused(f"{folder.name}: {MANIFEST} was changed; build the index anew")
    wrong = [name for name in sorted(files) if _sha256(folder / name) != files[name]]
    if wrong:
        raise IndexRefused(
            f"{folder.name}: not what the manifest describes: {', '.join(wrong)}; "
            "build it again with `medgrain knowledge build`"
        )
    return manifest


def vocabulary_digest() -> str:
    """sha256 over names, plurals and synonyms of the findings: what the shelf depends on."""
    return digest([[f.name, f.many(), f.synonyms] for f in findings()])


def _write(index: Index, folder: Path) -> None:
    import faiss

    pq.write_table(
        to_table(index.entries, PASSAGES), folder / "passages.parquet", compression="zstd"
    )
    shelf = [
        {"finding": name, **vars(passage)}
        for name, passages in shelf_of(index).by_finding.items()
        for passage in passages
    ]
    pq.write_table(to_table(shelf, SHELVED), folder / "shelf.parquet", compression="zstd")
    (folder / "vectors.faiss").write_bytes(faiss.serialize_index(index.vectors).tobytes())
    for name in FIELDS:
        index.lexical[name].save(folder / "bm25" / name)
        space = index.semantic[name]
        np.savez(folder / f"{name}.npz", terms=space.terms, idf=space.idf, axes=space.axes)


def _manifest(index: Index, folder: Path, sources: list[dict[str, Any]]) -> dict[str, Any]:
    files = sorted(p for p in folder.rglob("*") if p.is_file())
    manifest = {
        "format": FORMAT,
        "passages": len(index.entries),
        "dimensions": index.vectors.d,
        "weight": index.weight,
        "floor": index.floor,
        "bm25": {"k1": K1, "b": B, "method": "lucene"},
        "versions": {name: version(name) for name in LIBRARIES},
        "vocabulary": vocabulary_digest(),
        "sources": sources,
        "files": {p.relative_to(folder).as_posix(): _sha256(p) for p in files},
    }
    return manifest | {"fingerprint": _fingerprint(manifest)}


def _fingerprint(manifest: dict[str, Any]) -> str:
    return digest({k: v for k, v in manifest.items() if k != "fingerprint"})


def _sha256(path: Path) -> str | None:
    return hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else None


def _bytes(folder: Path, manifest: dict[str, Any], name: str) -> bytes:
    """The bytes of one file, checked again as read, so that nothing slips in between."""
    data = (folder / name).read_bytes()
    if hashlib.sha256(data).hexdigest() != manifest["files"].get(name):
        raise IndexRefused(f"{folder.name}: {name} changed while it was read")
    return data


def _entries(data: bytes) -> list[Entry]:
    rows = pq.read_table(pa.BufferReader(data)).to_pylist()
    for row in rows:
        row["synonyms"], row["xrefs"] = tuple(row["synonyms"]), tuple(row["xrefs"])
    return [to_row(Entry, row) for row in rows]


def _space(path: Path) -> Semantic:
    with np.load(path, allow_pickle=False) as arrays:
        return Semantic(arrays["terms"], arrays["idf"], arrays["axes"])
