"""The packs of a folder, as they come and go while other processes merge them."""

import heapq
import os
import time
from collections.abc import Iterator
from itertools import groupby
from operator import itemgetter
from pathlib import Path

import pyarrow as pa

from expert_models.llm.pack import Entry, Pack
from expert_models.llm.sealed import unseal
from schemas.exchange import Answer

SETTLED_NS = 2 * 10**9
"""Age from which the time of a folder tells of any later change: file clocks tick coarsely."""


class Packs:
    """Open packs of one folder. Looked through from several threads: the mapping is never changed,
    only replaced."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._open: dict[str, Pack | None] = {}  # None: not a sound pack, left for a person to see
        self._changed_ns = -1
        self.look()

    def look(self) -> bool:
        """Follow what is in the folder; True if there is a new pack."""
        changed_ns = os.stat(self._folder).st_mtime_ns
        if changed_ns == self._changed_ns:
            return False
        if time.time_ns() - changed_ns > SETTLED_NS:
            self._changed_ns = changed_ns
        names = sorted(name for name in os.listdir(self._folder) if name.endswith(".arrow"))
        new = [name for name in names if name not in self._open]
        if new or len(names) != len(self._open):
            known = self._open
            self._open = {n: known[n] if n in known else _opened(self._folder / n) for n in names}
        return bool(new)

    def sound(self) -> list[Pack]:
        """The packs that can be read, in order of their names."""
        return [pack for pack in self._open.values() if pack is not None]

    def get(self, key: str) -> Answer | None:
        """The answer under `key` from any pack that holds it undamaged."""
        for pack in self.sound():
            sealed = pack.get(key)
            if sealed is not None and (answer := unseal(sealed, key)) is not None:
                return answer
        return None


def merged(*streams: Iterator[Entry]) -> Iterator[Entry]:
    """Streams sorted by key as one; of a key in several the earliest stream's sound entry is taken."""
    together = heapq.merge(
        *streams, key=itemgetter(0)
    )  # stable: equal keys in order of the streams
    for key, entries in groupby(together, key=itemgetter(0)):
        for _, sealed in entries:
            if unseal(sealed, key) is not None:
                yield key, sealed
                break


def _opened(path: Path) -> Pack | None:
    try:
        return Pack(path)
    except (OSError, pa.ArrowException):
        return None
