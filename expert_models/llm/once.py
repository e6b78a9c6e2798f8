"""Files that are written once: whole or not at all, and the first writer wins.

The bytes go to an attempt, a hidden file in the same folder, which is then linked to its name: a link is
atomic and never replaces. (One folder for all attempts would be tidier; ext4 then looks for every free
inode in one place, measured up to thirty times slower.) Not synced: a file that a power cut tears must
fail a checksum of its own. Paths are plain strings, as a build writes hundreds of answers a second.
"""

import os
import uuid
from contextlib import suppress

ATTEMPT = "."  # how names of attempts begin


def write_once(path: str, data: bytes) -> bool:
    """Put a file at `path` unless one is there; True if it is ours. Its folder is made if need be."""
    attempt = _written(os.path.dirname(path), data)
    try:
        os.link(attempt, path)
    except FileExistsError:
        return False
    finally:
        with suppress(FileNotFoundError):
            os.unlink(attempt)
    return True


def replace(path: str, data: bytes) -> None:
    """Put a file at `path` in the place of one that is there."""
    os.replace(_written(os.path.dirname(path), data), path)


def _written(folder: str, data: bytes) -> str:
    path = f"{folder}/{ATTEMPT}{uuid.uuid4().hex}"
    with open(_new_file(path, folder), "wb", buffering=0) as stream:
        while data:
            data = data[stream.write(data) :]
    return path


def _new_file(path: str, folder: str) -> int:
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL
    try:
        return os.open(path, flags, 0o644)
    except FileNotFoundError:
        os.makedirs(folder, exist_ok=True)
        return os.open(path, flags, 0o644)
