"""What this machine has, for `medgrain doctor`."""

import os
import shutil
import sys
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, packages_distributions, version
from importlib.util import find_spec
from typing import Literal

from pipelines.code_digest import PACKAGES

CORE = (
    "pyarrow",
    "numpy",
    "opencv-python-headless",
    "pydicom",
    "nibabel",
    "scikit-image",
    "datasets",
)

EXTRAS = {  # distribution -> (module, what it enables, extra)
    "ray": ("ray", "--engine ray, this machine or a cluster", "ray"),
    "apache-beam": ("apache_beam", "--engine beam", "beam"),
    "faiss-cpu": ("faiss", "knowledge build and search", "knowledge"),
    "bm25s": ("bm25s", "knowledge build and search", "knowledge"),
    "highdicom": (
        "highdicom",
        "DICOM segmentations with overlapping or fractional segments",
        "dicom",
    ),
    "python-gdcm": ("gdcm", "a second opinion on rare DICOM transfer syntaxes", "dicom"),
    "openslide-python": ("openslide", "whole-slide images", "slides"),
    "great-expectations": ("great_expectations", "suites on metadata columns", "tables"),
}


@dataclass(frozen=True)
class Check:
    """One line of the report. mark: ok | none (optional, absent) | bad (needed)."""

    mark: Literal["ok", "none", "bad"]
    what: str
    found: str
    enables: str
    cure: str


def examine() -> list[Check]:
    """Python, packages, extras, name clashes, cores, shared memory, disk."""
    return [_python(), *map(_core, CORE), *(_extra(n, *e) for n, e in EXTRAS.items()),
            *map(_owner, PACKAGES), _cores(), _shared_memory(), _disk()]  # fmt: skip


def _python() -> Check:
    found = ".".join(map(str, sys.version_info[:3]))
    good = (3, 11) <= sys.version_info[:2] < (3, 14)
    return Check(
        "ok" if good else "bad",
        "python",
        found,
        "everything",
        "" if good else "use Python 3.11 to 3.13",
    )


def _installed(distribution: str) -> str | None:
    try:
        return version(distribution)
    except PackageNotFoundError:
        return None


def _core(distribution: str) -> Check:
    found = _installed(distribution)
    return Check(
        "ok" if found else "bad", distribution, found or "missing", "every build",
        "" if found else "pip install -e . -c constraints.txt",
    )  # fmt: skip


def _extra(distribution: str, module: str, enables: str, extra: str) -> Check:
    found = _installed(distribution)
    if found is None and find_spec(module) is not None:
        found = "present"  # another distribution provides the module (faiss-gpu for faiss)
    cure = "" if found else f"pip install -e '.[{extra}]' -c constraints.txt"
    return Check("ok" if found else "none", distribution, found or "not installed", enables, cure)


def _owner(package: str) -> Check:
    """Our top-level names are plain words: a stranger's wheel may claim one."""
    owners = sorted(set(packages_distributions().get(package, [])))
    clash = [owner for owner in owners if owner != "medgrain"]
    if clash:
        cure = f"uninstall {', '.join(clash)}, or use an environment of medgrain's own"
        return Check(
            "bad", f"package {package}", f"also in {', '.join(clash)}", "the right code runs", cure
        )
    return Check("ok", f"package {package}", "medgrain's own", "the right code runs", "")


def _cores() -> Check:
    return Check("ok", "cores", str(os.cpu_count()), "--workers", "")


def _shared_memory() -> Check:
    if not os.path.isdir("/dev/shm"):
        return Check(
            "none",
            "shared memory",
            "no /dev/shm",
            "Ray's object store in memory",
            "Ray falls back to disk",
        )
    free = shutil.disk_usage("/dev/shm").free
    good = free >= 300 * 1024**2
    cure = "" if good else "enlarge /dev/shm to 300 MB, or Ray falls back to disk"
    return Check(
        "ok" if good else "none",
        "shared memory",
        f"{free / 1e9:.1f} GB free",
        "Ray's object store in memory",
        cure,
    )


def _disk() -> Check:
    free = shutil.disk_usage(".").free
    good = free >= 2 * 1024**3
    return Check(
        "ok" if good else "bad",
        "disk here",
        f"{free / 1e9:.1f} GB free",
        "builds",
        "" if good else "free some space",
    )
