"""CT display windows by name, in Hounsfield units.

Typical values of Radiopaedia, "Windowing (CT)" (radiopaedia.org/articles/windowing-ct), as width and
level: lungs 1500/-600, mediastinum 350/50, soft tissues of the neck 350-400/20-60, liver 150/30,
bone 1800/400, brain 80/40, subdural 130-300/50-100, stroke 40/40. Ranges are used at their middle;
soft tissue is 400/40, the window most body protocols store.
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
"""Shown where a CT names no window: its full 12-bit range would hide every soft tissue."""


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
