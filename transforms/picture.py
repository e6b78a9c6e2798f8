"""Picture: one decoded image before it is encoded, with what its files say of it.

The frame of everything here is the picture as shown: rows down, columns right, origin at the outer
corner of the top left pixel. Readers make pictures; `pipelines.phases.ingest` encodes them.
"""

import json
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from schemas.fact import Statement


@dataclass
class Annotation:
    """What a source says about one place of one picture.

    mask        [H, W] bool, or None where the source gives a box only
    box         (x0, y0, x1, y1), half-open pixels, may be fractional; None where a mask is given
    label       the source's own word, before any mapping
    instance    the source's name of this object; None: the mask is a class, to be split into components
    volume_ml   volume of the whole 3-D object, where the item is a volume
    truncated   the 3-D object touches the border of the scanned volume
    side        left | right | midline, of the patient, where the source says it
    producer    of an expert's finding, <expert>@<version>; None: the source drew it
    candidate   its producer may be wrong by its nature
    quality     0 to 1, how far the expert trusts the shape
    volume_region  id of the region of the item's volume that this is a cut of
    """

    label: str
    mask: np.ndarray | None = None
    box: tuple[float, float, float, float] | None = None
    instance: str | None = None
    volume_ml: float | None = None
    truncated: bool = False
    side: str | None = None
    score: float | None = None
    producer: str | None = None
    candidate: bool = False
    quality: float | None = None
    volume_region: str | None = None


@dataclass(frozen=True)
class CutOf:
    """Which cut of a volume a picture shows, so that it can be cut again.

    volume      id of the volume
    axis        axis of the volume's grid that is cut across; `index` counts along it
    y, x        axes of the grid along which the picture goes down and to the right
    flips       (y, x): whether the picture goes against that axis
    stack       indices of the stack it is the middle of; (): it is the middle of none
    """

    volume: str
    axis: int
    index: int
    y: int
    x: int
    flips: tuple[bool, bool]
    stack: tuple[int, ...] = ()


@dataclass(frozen=True)
class TileOf:
    """The slide that a picture is a tile of, and where on it.

    box            x0, y0, x1, y1 in pixels of the largest level
    levels         (width, height, downsample) of each, largest first
    mpp            um between (rows, columns) of the largest level; magnification of the objective
    """

    box: tuple[float, float, float, float]
    levels: tuple[tuple[int, int, float], ...]
    mpp: tuple[float, float] | None = None
    magnification: float | None = None
    vendor: str | None = None


@dataclass
class Picture:
    """One picture of an item.

    key          stable name inside the item: "" for a plain image, "slice=0012;window=lung"
    display      [H, W] or [H, W, 3] uint8: what is released
    native       [H, W] stored values after the modality LUT (HU for CT); None: measure on `display`
    unit         unit of `native`: "HU" or None
    spacing_mm   (between rows, between columns), or None where the source does not say
    frame        slice or frame number, from 0
    plane        axial | coronal | sagittal
    orientation  patient letters of the +column and +row directions, such as "L\\P"; None: unknown
    columns      every named value the source gives for this picture (table columns, name parts)
    complete     source labels whose annotation in this picture is exhaustive and was read in full
    cut          the cut of a volume that it is; None: it is no such cut
    tile         the tile of a slide that it is; None: it is no tile
    """

    key: str
    display: np.ndarray
    native: np.ndarray | None = None
    unit: str | None = None
    spacing_mm: tuple[float, float] | None = None
    frame: int | None = None
    plane: str | None = None
    orientation: str | None = None
    window: str | None = None
    modality: str | None = None
    statements: list[Statement] = field(default_factory=list)
    annotations: list[Annotation] = field(default_factory=list)
    steps: list[dict[str, str]] = field(default_factory=list)
    flags: list[str] = field(default_factory=list)
    columns: dict[str, str] = field(default_factory=dict)
    complete: list[str] = field(default_factory=list)
    cut: CutOf | None = None
    tile: TileOf | None = None

    def note(self, step: str, **parameters: Any) -> None:
        """Write down one applied pixel step with its parameters (JSON values)."""
        self.steps.append({"step": step, "parameters": json.dumps(parameters, sort_keys=True)})
