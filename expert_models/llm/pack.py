"""A pack: many sealed answers in one immutable file, sorted by key.

Arrow IPC file, memory-mapped: `key` is the 32 bytes of the hex key, `value` a sealed answer, deflated.
A look-up is a binary search that touches a few pages, so a pack costs no memory however large it is.
"""

import hashlib
import os
import uuid
import zlib
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator
from itertools import chain
from pathlib import Path

import pyarrow as pa

from expert_models.llm.once import ATTEMPT

ROWS = 4096  # of one batch: bounds the memory of writing
PACK = pa.schema(
    [
        pa.field("key", pa.binary(32), nullable=False),
        pa.field("value", pa.large_binary(), nullable=False),
    ]
)
Entry = tuple[str, bytes]  # key (hex), sealed answer


class Pack:
    """An open pack. Raises OSError or pyarrow.ArrowInvalid where the file is not a sound one."""

    def __init__(self, path: Path) -> None:
        self.path = path
        reader = pa.ipc.open_file(pa.memory_map(str(path)))
        if reader.schema != PACK:
            raise pa.ArrowInvalid(f"{path.name} is not a pack of answers")
        self._batches = [reader.get_batch(n) for n in range(reader.num_record_batches)]
        for batch in self._batches:
            batch.validate(full=True)  # offsets within bounds: a damaged file must not crash us
        self._firsts = [batch["key"][0].as_py() for batch in self._batches]

    def __len__(self) -> int:
        return sum(batch.num_rows for batch in self._batches)

    def get(self, key: str) -> bytes | None:
        """The sealed answer under `key`, or None; what is damaged counts as absent."""
        wanted = bytes.fromhex(key)
        number = bisect_right(self._firsts, wanted) - 1
        if number < 0:
            return None
        batch = self._batches[number]
        keys = batch["key"]
        row = bisect_left(range(len(keys)), wanted, key=lambda n: keys[n].as_py())
        if row == len(keys) or keys[row].as_py() != wanted:
            return None
        return _inflated(batch["value"][row].as_py())

    def __iter__(self) -> Iterator[Entry]:
        """All sound entries, by key."""
        for batch in self._batches:
            for key, value in zip(batch["key"], batch["value"], strict=True):
                if (sealed := _inflated(value.as_py())) is not None:
                    yield key.as_py().hex(), sealed


def write_pack(folder: Path, entries: Iterable[Entry]) -> Path | None:
    """Write entries, which come sorted by key, each key once; durable when this returns. None if none.

    The name is a digest of the content, so equal packs are one file. Raises ValueError on keys out of
    order.
    """
    batches = _batches(entries, content := hashlib.sha256())
    first = next(batches, None)
    if first is None:
        return None
    attempt = folder / f"{ATTEMPT}{uuid.uuid4().hex}"
    try:
        with pa.OSFile(str(attempt), "wb") as sink, pa.ipc.new_file(sink, PACK) as writer:
            for batch in chain([first], batches):
                writer.write_batch(batch)
        _sync(attempt)
        path = folder / f"{content.hexdigest()[:32]}.arrow"
        attempt.replace(path)
        _sync(folder)
    finally:
        attempt.unlink(missing_ok=True)
    return path


def _batches(entries: Iterable[Entry], content: "hashlib._Hash") -> Iterator[pa.RecordBatch]:
    """Batches of entries; `content` is told each key and sealed answer."""
    keys: list[bytes] = []
    values: list[bytes] = []
    last = b""
    for key, sealed in entries:
        raw = bytes.fromhex(key)
        if raw <= last:
            raise ValueError(f"entry {key} is out of order")
        last = raw
        content.update(raw + sealed)
        keys.append(raw)
        values.append(zlib.compress(sealed))
        if len(keys) == ROWS:
            yield pa.record_batch([keys, values], schema=PACK)
            keys, values = [], []
    if keys:
        yield pa.record_batch([keys, values], schema=PACK)


def _inflated(value: bytes) -> bytes | None:
    try:
        return zlib.decompress(value)
    except zlib.error:
        return None


def _sync(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
