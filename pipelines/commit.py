"""Commit one shard: all of its files, or none of them.

Files are written under an attempt name, closed, synced, read back, and renamed. Then one small commit
record is renamed into place. A file that no record lists is never read; a record whose files do not
match their digests counts as absent, so the shard is made again. The record's `key` is a digest of all
that the shard depends on, so a finished shard is reused exactly while nothing it rests on has changed.
"""

import hashlib
import json
import os
import uuid
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

RECORD_VERSION = 1
ROWS_PER_GROUP = 128  # a reader of one row fetches one group: tens of MB of PNG at the most


@dataclass(frozen=True)
class FileEntry:
    """One committed file. `path` is relative to the folder that the record speaks of."""

    path: str
    rows: int
    bytes: int
    sha256: str


@dataclass(frozen=True)
class Commit:
    """One finished shard of one phase."""

    shard: str
    key: str
    files: list[FileEntry]
    counts: dict[str, Any]

    def digest(self) -> str:
        """sha256 over the shard's content (files, not key): what a later phase depends on."""
        text = json.dumps([asdict(f) for f in self.files], sort_keys=True)
        return hashlib.sha256(text.encode()).hexdigest()

    def file(self, table: str) -> str:
        """The relative path of one table of this shard. Raises KeyError where it has none."""
        for entry in self.files:
            if entry.path.endswith(f".{table}.parquet"):
                return entry.path
        raise KeyError(f"shard {self.shard} has no table {table}")


def sha256_of(path: Path) -> str:
    """sha256 (hex) of a file, read in pieces."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def sync_folder(folder: Path) -> None:
    """Make renames in `folder` durable."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def publish_bytes(path: Path, data: bytes) -> FileEntry:
    """Write a whole file atomically: attempt name, sync, rename. Returns its entry (rows = 0)."""
    path.parent.mkdir(parents=True, exist_ok=True)
    attempt = path.with_name(f".{path.name}.{uuid.uuid4().hex}.attempt")
    try:
        with attempt.open("wb") as stream:
            stream.write(data)
            stream.flush()
            os.fsync(stream.fileno())
        attempt.replace(path)
    finally:
        attempt.unlink(missing_ok=True)
    return FileEntry(path.name, 0, len(data), hashlib.sha256(data).hexdigest())


def publish_table(path: Path, table: pa.Table) -> FileEntry:
    """Write a Parquet file atomically and check that it opens with the rows that went in."""
    return publish_tables(path, table.schema, [table])


def publish_tables(path: Path, schema: pa.Schema, tables: Iterable[pa.Table]) -> FileEntry:
    """Write one Parquet file from tables that come one after the other; each starts a row group."""
    path.parent.mkdir(parents=True, exist_ok=True)
    attempt = path.with_name(f".{path.name}.{uuid.uuid4().hex}.attempt")
    rows = 0
    try:
        with pq.ParquetWriter(attempt, schema, **writer_options(schema)) as writer:
            for table in tables:
                rows += table.num_rows
                writer.write_table(table, row_group_size=ROWS_PER_GROUP)
        entry = _settled(attempt, path.name, rows)
        attempt.replace(path)
    finally:
        attempt.unlink(missing_ok=True)
    return entry


def _settled(attempt: Path, name: str, rows: int) -> FileEntry:
    """Sync a written file, open it again, and describe it."""
    with attempt.open("rb") as stream:
        os.fsync(stream.fileno())
    found = pq.read_metadata(attempt).num_rows
    if found != rows:
        raise OSError(f"{name}: wrote {rows} rows, found {found} on reading back")
    return FileEntry(name, rows, attempt.stat().st_size, sha256_of(attempt))


def writer_options(schema: pa.Schema) -> dict[str, Any]:
    """Pinned Parquet settings: PNG bytes stored as they are, everything else zstd."""
    leaves = _leaves(schema)
    return {
        "compression": {n: "NONE" if n.endswith(".bytes") else "ZSTD" for n in leaves},
        "use_dictionary": True,
        # One image carries many questions: as a dictionary its bytes are stored once a row group.
        "dictionary_pagesize_limit": 1 << 30,
        "version": "2.6",
        "write_statistics": [n for n in leaves if "." not in n],
    }


def _leaves(schema: pa.Schema) -> list[str]:
    def walk(name: str, kind: pa.DataType) -> list[str]:
        if pa.types.is_struct(kind):
            return [leaf for child in kind for leaf in walk(f"{name}.{child.name}", child.type)]
        if pa.types.is_list(kind):
            return walk(f"{name}.list.element", kind.value_type)
        return [name]

    return [leaf for field in schema for leaf in walk(field.name, field.type)]


def record_path(folder: Path, shard: str) -> Path:
    """Where the commit record of a shard lies."""
    return folder / "commits" / f"{shard}.json"


def commit(
    folder: Path, shard: str, key: str, tables: dict[str, pa.Table], counts: dict[str, Any]
) -> Commit:
    """Write the tables of a shard under `folder`/data and commit them together."""
    files = []
    for name, table in sorted(tables.items()):
        entry = publish_table(folder / "data" / f"{shard}.{name}.parquet", table)
        files.append(FileEntry(f"data/{entry.path}", entry.rows, entry.bytes, entry.sha256))
    done = Commit(shard, key, files, counts)
    write_record(folder, done)
    return done


def write_record(folder: Path, done: Commit) -> None:
    """Put the commit record in place; from here on the shard is finished."""
    (folder / "data").mkdir(parents=True, exist_ok=True)
    sync_folder(folder / "data")
    body = json.dumps({"version": RECORD_VERSION, **asdict(done)}, sort_keys=True, indent=1)
    check = hashlib.sha256(body.encode()).hexdigest()
    path = record_path(folder, done.shard)
    publish_bytes(path, f"{body}\n{check}\n".encode())
    sync_folder(path.parent)


def read_record(folder: Path, shard: str) -> Commit | None:
    """The commit record of a shard, or None where there is none or it is torn."""
    try:
        text = record_path(folder, shard).read_text("utf-8")
    except FileNotFoundError:
        return None
    body, _, check = text.rstrip("\n").rpartition("\n")
    if hashlib.sha256(body.encode()).hexdigest() != check:
        return None
    values = json.loads(body)
    files = [FileEntry(**f) for f in values["files"]]
    return Commit(values["shard"], values["key"], files, values["counts"])


def intact(base: Path, files: list[FileEntry]) -> bool:
    """Every file is there with the size and digest it was committed with."""
    for entry in files:
        path = base / entry.path
        if not path.is_file() or path.stat().st_size != entry.bytes:
            return False
        if sha256_of(path) != entry.sha256:
            return False
    return True


def finished(folder: Path, shard: str, key: str, *, base: Path | None = None) -> Commit | None:
    """The commit of a shard if it was made under this key and its files are intact, else None."""
    done = read_record(folder, shard)
    if done is None or done.key != key or not intact(base or folder, done.files):
        return None
    return done
