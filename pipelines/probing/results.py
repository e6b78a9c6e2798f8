"""OUT/run/probe.json: what the last probes of a corpus came to, section by section."""

import json
from pathlib import Path
from typing import Any

from pipelines.commit import publish_bytes

VERSION = 1
SECTIONS = ("gates", "judge", "injections")
"""Each a list of rows; docs/probe.md names their keys. `about` tells, by section, what was probed."""


def read_results(out: Path) -> dict[str, Any]:
    """{version, about, gates, judge, injections}; sections that were never probed are empty."""
    empty: dict[str, Any] = {"version": VERSION, "about": {}} | {name: [] for name in SECTIONS}
    path = _path(out)
    if not path.is_file():
        return empty
    found = json.loads(path.read_text("utf-8"))
    return empty | found if found.get("version") == VERSION else empty


def save_section(out: Path, name: str, rows: list[dict[str, Any]], about: dict[str, Any]) -> Path:
    """Put the rows of one section in place of its last ones; the other sections stay.

    Raises ValueError on an unknown section.
    """
    if name not in SECTIONS:
        raise ValueError(f"section {name!r} is unknown; known are {SECTIONS}")
    results = read_results(out)
    results[name] = rows
    results["about"] = results["about"] | {name: about}
    publish_bytes(_path(out), json.dumps(results, indent=1, sort_keys=True).encode())
    return _path(out)


def _path(out: Path) -> Path:
    return out / "run" / "probe.json"
