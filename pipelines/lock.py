"""One build at a time in one folder. The lock falls with the process, however it ends."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from pipelines.errors import BusyError, MedgrainError


@contextmanager
def locked(out: Path) -> Iterator[None]:
    """Hold OUT/run/lock. Raises BusyError at once where another process holds it."""
    path = out / "run" / "lock"
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        stream = path.open("a+")
    except OSError as error:
        raise MedgrainError(
            f"cannot write into {str(out)!r}: {error.strerror}; choose another --out"
        ) from None
    with stream:
        try:
            fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            stream.seek(0)
            raise BusyError(
                f"{str(out)!r} is being built by process {stream.read().strip() or '?'}; "
                "wait for it, or choose another --out"
            ) from None
        stream.truncate(0)
        stream.write(str(os.getpid()))
        stream.flush()
        yield
