"""A digest of our own code: a shard made by other code is not the same shard."""

import hashlib
from functools import cache
from importlib.resources import files

PACKAGES = ("schemas", "transforms", "expert_models", "quality", "pipelines")
ENDINGS = (".py", ".yaml", ".json", ".jsonl", ".j2", ".txt")
OUTSIDE = ("pipelines/commands/", "pipelines/engines/", "pipelines/recipes/", "pipelines/sources/")
"""Folders that cannot change a shard: the command line, the engines, and choices that arrive as data."""


@cache
def code_digest() -> str:
    """sha256 (16 hex digits) over every file that can change what a build writes."""
    from pathlib import Path

    total = hashlib.sha256()
    for package in PACKAGES:
        root = Path(str(files(package)))
        for path in sorted(p for p in root.rglob("*") if p.suffix in ENDINGS):
            name = f"{package}/{path.relative_to(root).as_posix()}"
            if not name.startswith(OUTSIDE):
                total.update(name.encode() + b"\0" + path.read_bytes() + b"\0")
    return total.hexdigest()[:16]
