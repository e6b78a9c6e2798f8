"""Engines by name."""

from importlib.util import find_spec

from pipelines.engines.base import Engine
from pipelines.errors import UsageError

NAMES = ("inline", "ray", "beam")
NEEDS = {"ray": "ray", "beam": "apache_beam"}


def engine_of(name: str, workers: int) -> Engine:
    """The engine of this name. Raises UsageError where it is unknown or its package is missing."""
    if name not in NAMES:
        raise UsageError(f"engine {name!r} is unknown; one of {', '.join(NAMES)}")
    if workers < 1:
        raise UsageError(f"--workers {workers}: expected at least 1")
    if name in NEEDS and find_spec(NEEDS[name]) is None:
        raise UsageError(f"engine {name} needs a package; pip install 'medgrain[{name}]'")
    if name == "ray":
        from pipelines.engines.ray import RayEngine

        return RayEngine(workers)
    if name == "beam":
        from pipelines.engines.beam import BeamEngine

        return BeamEngine(workers)
    from pipelines.engines.inline import InlineEngine

    return InlineEngine(workers)
