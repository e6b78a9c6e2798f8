"""The store of answers: what was asked once is never asked again.

    FOLDER/loose/ab/<key>   one sealed answer a file, written by any number of processes
    FOLDER/packs/*.arrow    the same, merged; see expert_models.llm.pack
    FOLDER/lock             held while packing and repairing

The first answer under a key stays for ever. A damaged one counts as absent. Failures are never stored.
"""

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from expert_models.llm.once import ATTEMPT, replace, write_once
from expert_models.llm.pack import Entry, Pack, write_pack
from expert_models.llm.packs import Packs, merged
from expert_models.llm.sealed import seal, unseal
from schemas.exchange import Answer

MOST_PACKS = 8  # more are merged into one
STALE_S = 3600  # age of an attempt whose process is taken to be dead


class AnswerStore:
    """Answers by request key. Safe for threads and processes on one file system."""

    def __init__(self, folder: Path) -> None:
        self.folder = Path(folder)
        self._loose = f"{self.folder}/loose"
        for each in ("loose", "packs"):
            (self.folder / each).mkdir(parents=True, exist_ok=True)
        self._packs = Packs(self.folder / "packs")

    def get(self, key: str) -> Answer | None:
        """The answer under `key`, marked as cached, or None."""
        found = self._packs.get(key) or self._read(key)
        if found is None and self._packs.look():  # packed by another process between the two
            found = self._packs.get(key)
        return found

    def put(self, answer: Answer) -> Answer:
        """Keep an answer; returns the one that is kept: another process may have been first."""
        path = self._path(answer.key)
        if not write_once(path, seal(answer)):
            return self._read(answer.key) or self._repaired(answer)
        self._packs.look()  # after the link: the first answer may just have moved into a pack
        earlier = self._packs.get(answer.key)
        if earlier is None:
            return answer
        _remove(path)
        return earlier

    def __iter__(self) -> Iterator[Answer]:
        """All answers by key, each once."""
        self._packs.look()
        packs = [iter(pack) for pack in self._packs.sound()]
        for key, sealed in merged(*packs, self._loose_entries(self._loose_keys())):
            answer = unseal(sealed, key)
            if answer is not None:
                yield answer

    def pack(self) -> int:
        """Merge loose answers into packs; returns how many answers the packs hold then.

        A loose file is removed only when a durable pack holds its answer, or when it is damaged. Waits
        for another process that packs.
        """
        with self._locked():
            self._sweep()
            self._packs.look()
            keys = self._loose_keys()
            old = self._packs.sound()
            if len(old) + bool(keys) <= MOST_PACKS:
                old = []  # they stay as they are
            if keys or old:
                self._merge(keys, old)
            return sum(len(pack) for pack in self._packs.sound())

    def _merge(self, keys: list[str], old: list[Pack]) -> None:
        """Write one pack of loose answers and of old packs, then remove both."""
        packed = {key for key in keys if self._packs.get(key) is not None}
        loose = self._loose_entries([key for key in keys if key not in packed])
        streams = [iter(pack) for pack in old]
        written = write_pack(self.folder / "packs", merged(*streams, loose))
        for key in keys:
            _remove(self._path(key))
        for pack in old:
            if pack.path != written:
                pack.path.unlink(missing_ok=True)
        self._packs.look()

    def _path(self, key: str) -> str:
        return f"{self._loose}/{key[:2]}/{key}"

    def _read(self, key: str) -> Answer | None:
        data = _bytes_of(self._path(key))
        return None if data is None else unseal(data, key)

    def _loose_keys(self) -> list[str]:
        return sorted(path.name for path in Path(self._loose).glob("??/[!.]*"))

    def _loose_entries(self, keys: list[str]) -> Iterator[Entry]:
        for key in keys:
            data = _bytes_of(self._path(key))
            if data is not None:  # else packed by another process meanwhile
                yield key, data

    def _repaired(self, answer: Answer) -> Answer:
        """Put an answer in the place of a damaged file, unless another process has done so."""
        with self._locked():
            kept = self.get(answer.key)
            if kept is None:
                replace(self._path(answer.key), seal(answer))
            return kept or answer

    def _sweep(self) -> None:
        """Remove what processes left behind that were killed while writing."""
        old = time.time() - STALE_S
        for path in self.folder.glob(f"*/**/{ATTEMPT}*"):
            with suppress(FileNotFoundError):
                if path.stat().st_mtime < old:
                    path.unlink()

    @contextmanager
    def _locked(self) -> Iterator[None]:
        with (self.folder / "lock").open("a") as stream:
            fcntl.flock(stream, fcntl.LOCK_EX)
            yield


def _bytes_of(path: str) -> bytes | None:
    try:
        with open(path, "rb", buffering=0) as stream:
            return stream.read()
    except FileNotFoundError:
        return None


def _remove(path: str) -> None:
    with suppress(FileNotFoundError):
        os.unlink(path)
