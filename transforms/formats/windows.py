"""CT display windows by name, in Hounsfield units.

Values are the usual reading presets of radiology teaching (Radiopaedia, "Windowing (CT)",
rID 52108): lung W:1500 L:-600, mediastinum W:350 L:50, soft tissue W:400 L:50, liver W:150 L:30,
bone W:1800 L:400, brain W:80 L:40, subdural W:130-300 L:50-100, stroke W:40 L:40. Abdominal soft
tissue is read at L:40 by the same source's practice notes and by most scanners' defaults.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Window:
    """A linear window: `center` and `width` in the units of the values it is applied to."""

    name: str
    center: float
    width: float


CT_WINDOWS = {
    w.name: w
    for w in (
        Window("lung", -600, 1500),
        Window("mediastinum", 50, 350),
        Window("soft tissue", 40, 400),
        Window("liver", 30, 150),
        Window("bone", 400, 1800),
        Window("brain", 40, 80),
        Window("subdural", 75, 215),
        Window("stroke", 40, 40),
    )
}
"""Presets a recipe may name in `Cut.windows`."""

CT_DEFAULT = CT_WINDOWS["soft tissue"]
"""Shown where a CT names no window of its own: the full 12-bit range would hide every soft tissue."""


def window_named(name: str) -> Window:
    """The preset `name`, or `center/width` in HU such as "40/400". Raises ValueError else."""
    if name in CT_WINDOWS:
        return CT_WINDOWS[name]
    try:
        center, width = (float(part) for part in name.split("/"))
    except ValueError:
        known = ", ".join(sorted(CT_WINDOWS))
        raise ValueError(f"window {name!r} is neither center/width nor one of: {known}") from None
    if not width >= 1:  # also refuses NaN
        raise ValueError(f"window {name!r}: the width must be at least 1")
    return Window(name, center, width)
