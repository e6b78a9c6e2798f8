"""Files that are written once: whole or not at all, and the first writer wins."""

import os
import uuid
from pathlib import Path


def write_once(path: Path, data: bytes, attempts: Path) -> bool:
    """Put a file at `path` unless one is there; True if it is ours.

    The bytes go to a file of their own in `attempts` (same file system), which is then linked: a link
    is atomic and never replaces. Not synced: a file that a power cut tears fails its checksum later.
    """
    attempt = attempts / uuid.uuid4().hex
    _write(attempt, data)
    try:
        return _link(attempt, path)
    finally:
        attempt.unlink(missing_ok=True)


def replace(path: Path, data: bytes, attempts: Path) -> None:
    """Put a file at `path` in the place of one that is there."""
    attempt = attempts / uuid.uuid4().hex
    _write(attempt, data)
    attempt.replace(path)


def _write(path: Path, data: bytes) -> None:
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o644)
    except FileNotFoundError:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o644)
    with os.fdopen(handle, "wb") as stream:
        stream.write(data)


def _link(attempt: Path, path: Path) -> bool:
    for made in (False, True):
        try:
            os.link(attempt, path)
        except FileExistsError:
            return False
        except FileNotFoundError:
            if made:
                raise
            path.parent.mkdir(parents=True, exist_ok=True)
        else:
            return True
    raise AssertionError("unreachable")
