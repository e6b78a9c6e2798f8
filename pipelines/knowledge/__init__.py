"""The declared passage sources: one YAML file each, read in the order of their names."""

from pathlib import Path

FOLDER = Path(__file__).parent


def sources() -> list[Path]:
    """The shipped declarations, sorted by file name; of equal texts the first source's stays."""
    return sorted(FOLDER.glob("*.yaml"))
