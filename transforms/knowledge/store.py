"""An index in a folder: Parquet, npy, npz, JSON and one FAISS file; no pickle, and a manifest."""

import shutil
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from schemas.conform import to_row, to_table
from schemas.passage import Passage
from schemas.reject import REJECT, Reject
from transforms.knowledge.concepts import ConceptShelf, shelve
from transforms.knowledge.entry import Entry
from transforms.knowledge.errors import IndexRefused
from transforms.knowledge.index import Index
from transforms.knowledge.lexical import K1, B, Lexical
from transforms.knowledge.manifest import (
    bytes_of,
    holds_only_an_index,
    verified,
    vocabulary_digest,
    write_manifest,
)
from transforms.knowledge.semantic import Semantic

FIELDS = ("title", "text")
_TEXT = [
    pa.field(name, pa.string(), nullable=False)
    for name in ("id", "source", "license", "title", "text", "concept")
]
PASSAGES = pa.schema(
    [
        *_TEXT,
        pa.field("synonyms", pa.list_(pa.string()), nullable=False),
        pa.field("xrefs", pa.list_(pa.string()), nullable=False),
        pa.field("defines", pa.bool_(), nullable=False),
        pa.field("origin", pa.string(), nullable=False),
        pa.field("url", pa.string(), nullable=False),
    ],
    metadata={"schema": "knowledge", "version": "1"},
)
SHELVED = pa.schema(
    [
        pa.field("finding", pa.string(), nullable=False),
        *_TEXT,
        pa.field("score", pa.float64(), nullable=False),
    ],
    metadata={"schema": "shelf", "version": "1"},
)


@dataclass
class Stored:
    """An index and the manifest it was opened by."""

    index: Index
    manifest: dict[str, Any]


def save(
    index: Index,
    folder: Path,
    *,
    sources: Iterable[dict[str, Any]] = (),
    rejects: Iterable[Reject] = (),
) -> dict[str, Any]:
    """Write `index` to `folder` and return its manifest. The same index gives the same bytes.

    `folder` must be new, empty, or hold nothing but an index, which is then replaced as a whole;
    raises FileExistsError otherwise. `sources` is copied into the manifest, `rejects` kept beside.
    """
    if folder.exists() and any(folder.iterdir()) and not holds_only_an_index(folder):
        raise FileExistsError(f"{folder.name} holds other files than an index; give a new folder")
    fresh = folder.with_name(f"{folder.name}.partial")
    shutil.rmtree(fresh, ignore_errors=True)
    fresh.mkdir(parents=True)
    _write(index, fresh)
    pq.write_table(to_table(rejects, REJECT), fresh / "rejects.parquet", compression="zstd")
    described = {
        "passages": len(index.entries),
        "dimensions": index.vectors.d,
        "weight": index.weight,
        "floor": index.floor,
        "bm25": {"k1": K1, "b": B, "method": "lucene"},
        "sources": list(sources),
    }
    manifest = write_manifest(fresh, described)
    if folder.exists():
        shutil.rmtree(folder)
    fresh.rename(folder)
    return manifest


def load(folder: Path) -> Stored:
    """The index in `folder`. Raises IndexRefused when a file is missing, changed, or of another
    index, or when the parts do not fit each other."""
    import faiss

    manifest = verified(folder)
    entries = _entries(bytes_of(folder, manifest, "passages.parquet"))
    packed = np.frombuffer(bytes_of(folder, manifest, "vectors.faiss"), dtype=np.uint8)
    vectors = faiss.deserialize_index(packed)
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
    table = pq.read_table(pa.BufferReader(bytes_of(folder, manifest, "shelf.parquet")))
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


def _write(index: Index, folder: Path) -> None:
    import faiss

    shelf = [
        {"finding": name, **vars(passage)}
        for name, passages in shelf_of(index).by_finding.items()
        for passage in passages
    ]
    tables = {"passages": to_table(index.entries, PASSAGES), "shelf": to_table(shelf, SHELVED)}
    for name, table in tables.items():
        pq.write_table(table, folder / f"{name}.parquet", compression="zstd")
    (folder / "vectors.faiss").write_bytes(faiss.serialize_index(index.vectors).tobytes())
    for name in FIELDS:
        index.lexical[name].save(folder / "bm25" / name)
        space = index.semantic[name]
        np.savez(folder / f"{name}.npz", terms=space.terms, idf=space.idf, axes=space.axes)


def _entries(data: bytes) -> list[Entry]:
    rows = pq.read_table(pa.BufferReader(data)).to_pylist()
    for row in rows:
        row["synonyms"], row["xrefs"] = tuple(row["synonyms"]), tuple(row["xrefs"])
    return [to_row(Entry, row) for row in rows]


def _space(path: Path) -> Semantic:
    with np.load(path, allow_pickle=False) as arrays:
        return Semantic(arrays["terms"], arrays["idf"], arrays["axes"])
