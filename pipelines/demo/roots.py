"""Where the demo's sources lie: the folders of installed packages, and the drawn phantoms."""

from importlib.util import find_spec
from pathlib import Path

from pipelines.demo.phantoms import DATASETS

PACKAGE_SAMPLES = {
    "pydicom-samples": ("pydicom", "data/test_files"),
    "nibabel-samples": ("nibabel", "tests/data"),
}
"""Source -> package and folder in it. The files stay where they are; nothing is copied."""


def demo_roots(phantoms: Path | None = None) -> dict[str, Path]:
    """Root folder by source name; with `phantoms`, those of the drawn datasets in it as well.

    Raises FileNotFoundError where an installed package lacks its sample folder.
    """
    roots = {name: _folder(*place) for name, place in PACKAGE_SAMPLES.items()}
    if phantoms is not None:
        roots |= {name: phantoms / name for name in DATASETS}
    return roots


def _folder(package: str, inside: str) -> Path:
    """Found without importing the package, which for these two is slow."""
    spec = find_spec(package)
    if spec is None or spec.origin is None:
        raise FileNotFoundError(f"package {package} is not installed")
    folder = Path(spec.origin).parent / inside
    if not folder.is_dir():
        raise FileNotFoundError(f"package {package} has no folder {inside}")
    return folder
