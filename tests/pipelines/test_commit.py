"""A shard is there whole, or not at all."""

import json
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from pipelines.commit import (
    commit,
    finished,
    intact,
    publish_bytes,
    publish_tables,
    read_record,
    record_path,
)

TABLE = pa.table({"id": ["a", "b"], "n": [1, 2]})


def test_committed_shard_is_found_under_its_key_only(tmp_path: Path) -> None:
    done = commit(tmp_path, "s-0", "key-1", {"images": TABLE}, {"images": 2})
    assert finished(tmp_path, "s-0", "key-1") == done
    assert finished(tmp_path, "s-0", "key-2") is None
    assert pq.read_table(tmp_path / done.file("images")).equals(TABLE)


def test_files_without_a_record_do_not_count(tmp_path: Path) -> None:
    commit(tmp_path, "s-0", "k", {"images": TABLE}, {})
    record_path(tmp_path, "s-0").unlink()  # killed after the rename of the data, before the record
    assert finished(tmp_path, "s-0", "k") is None


@pytest.mark.parametrize("damage", ["flip", "truncate", "remove"])
def test_a_damaged_file_undoes_its_shard(tmp_path: Path, damage: str) -> None:
    done = commit(tmp_path, "s-0", "k", {"images": TABLE}, {})
    path = tmp_path / done.file("images")
    data = bytearray(path.read_bytes())
    if damage == "flip":
        data[len(data) // 2] ^= 1
        path.write_bytes(data)
    elif damage == "truncate":
        path.write_bytes(data[:-1])
    else:
        path.unlink()
    assert finished(tmp_path, "s-0", "k") is None


def test_a_torn_record_counts_as_absent_at_every_cut(tmp_path: Path) -> None:
    commit(tmp_path, "s-0", "k", {"images": TABLE}, {})
    path = record_path(tmp_path, "s-0")
    whole = path.read_bytes()
    for cut in range(len(whole) - 1):  # the last byte is a newline
        path.write_bytes(whole[:cut])
        assert read_record(tmp_path, "s-0") is None, cut


def test_the_same_rows_give_the_same_bytes(tmp_path: Path) -> None:
    one = commit(tmp_path / "a", "s", "k", {"t": TABLE}, {})
    two = commit(tmp_path / "b", "s", "other key", {"t": TABLE}, {})
    assert one.files == two.files
    assert one.digest() == two.digest()


def test_a_failed_write_leaves_the_old_file_and_no_attempt(tmp_path: Path) -> None:
    path = tmp_path / "t.parquet"
    publish_tables(path, TABLE.schema, [TABLE])
    before = path.read_bytes()

    def broken():
        yield TABLE
        raise OSError("disk full")

    with pytest.raises(OSError, match="disk full"):
        publish_tables(path, TABLE.schema, broken())
    assert path.read_bytes() == before
    assert [p.name for p in tmp_path.iterdir()] == ["t.parquet"]


def test_repeated_pictures_are_stored_once_a_row_group(tmp_path: Path) -> None:
    picture = bytes(range(256)) * 400  # 102,400 bytes
    rows = [{"image": {"bytes": picture, "path": "p.png"}} for _ in range(100)]
    schema = pa.schema({"image": pa.struct([("bytes", pa.binary()), ("path", pa.string())])})
    entry = publish_tables(tmp_path / "t.parquet", schema, [pa.Table.from_pylist(rows, schema)])
    assert entry.bytes < 2 * len(picture)
    assert pq.read_table(tmp_path / "t.parquet").to_pylist() == rows


def test_publish_bytes_replaces_whole(tmp_path: Path) -> None:
    publish_bytes(tmp_path / "a" / "f.json", b"one")
    entry = publish_bytes(tmp_path / "a" / "f.json", b"three")
    assert (tmp_path / "a" / "f.json").read_bytes() == b"three"
    assert intact(tmp_path / "a", [entry])
    assert json.loads(json.dumps(vars(entry)))["bytes"] == 5
