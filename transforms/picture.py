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
    """

    label: str
    mask: np.ndarray | None = None
    box: tuple[float, float, float, float] | None = None
    instance: str | None = None
    volume_ml: float | None = None
    truncated: bool = False
    side: str | None = None
    score: float | None = None


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

    def note(self, step: str, **parameters: Any) -> None:
        """Write down one applied pixel step with its parameters (JSON values)."""
        self.steps.append({"step": step, "parameters": json.dumps(parameters, sort_keys=True)})
