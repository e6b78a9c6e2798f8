"""The door of an expert: a card, `load()`, and `predict(batch)`.

An expert looks at pictures and says where something is. It knows no source, no recipe and no file; what
becomes of its findings (policies, merging, regions, facts) is decided elsewhere. A method that may be
wrong by its nature calls what it finds a candidate, and so will the words.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

import numpy as np


@dataclass(frozen=True)
class ExpertCard:
    """What is known of an expert before it loads.

    labels        terms of schemas/vocab/findings.yaml that it may report
    modalities    codes of schemas/vocab/modalities.yaml it accepts; anatomies: body parts, () for any
    dimensions    2: it looks at pictures (`Scan`); 3: at volumes (`VolumeScan`)
    refines       it turns the boxes of a scan's `prompts` into masks, one finding a prompt, in order
    batch         most scans that it takes at once; the caller may halve it on memory errors
    candidate     its findings are candidates: likely places, not readings
    needs_spacing it measures in mm and refuses a picture without spacing
    needs_native  it reads stored values (HU); a picture without them is refused
    method        what it does, in one sentence; source: the publication
    tuned_on      what its constants were chosen on, never the pictures it is reported on
    weights_sha256 hex digest of the weights file, "" for a method without weights
    """

    name: str
    version: str
    kind: str  # segmenter | detector | classifier
    labels: tuple[str, ...]
    modalities: tuple[str, ...]
    anatomies: tuple[str, ...]
    method: str
    source: str
    license_code: str
    license_weights: str = ""
    weights_sha256: str = ""
    candidate: bool = False
    needs_spacing: bool = False
    needs_native: bool = False
    input_side: int = 0  # px of the model's own input, 0: the picture's own size
    needs: str = "nothing"  # the extra to install
    tuned_on: str = "nothing"
    parameters: dict[str, Any] = field(default_factory=dict)
    dimensions: int = 2
    refines: bool = False
    batch: int = 1

    @property
    def producer(self) -> str:
        """As regions name it: `<expert>@<version>`."""
        return f"{self.name}@{self.version}"


@dataclass(frozen=True)
class Scan:
    """One picture put before an expert. Rows down, columns right, origin at the top left.

    display     [H, W] or [H, W, 3] uint8, as released
    native      [H, W] float32 in `unit` (HU of CT); None where stored values are not known. Where they were
                recovered from a window, values outside `native_range` are clipped
    spacing_mm  (between rows, between columns); None: unknown
    orientation patient letters of the +column and +row directions, such as "L\\P"; None: unknown
    prompts     boxes (x0, y0, x1, y1), half-open pixels, for experts that refine a box to a mask
    """

    id: str
    display: np.ndarray
    modality: str
    anatomy: str | None = None
    native: np.ndarray | None = None
    unit: str | None = None
    native_range: tuple[float, float] | None = None
    spacing_mm: tuple[float, float] | None = None
    plane: str | None = None
    view: str | None = None
    orientation: str | None = None
    prompts: tuple[tuple[float, float, float, float], ...] = ()


@dataclass(frozen=True)
class VolumeScan:
    """One volume put before an expert of three dimensions.

    values      [S, H, W] float32 in `unit`, axes foot to head, front to back, right to left of the
                patient (`transforms.formats.cutting.canonical`) where `placed`, else as stored
    spacing_mm  (between slices, between rows, between columns); None: unknown
    placed      the axes are those of the patient
    """

    id: str
    values: np.ndarray
    modality: str
    anatomy: str | None = None
    unit: str | None = None
    spacing_mm: tuple[float, float, float] | None = None
    placed: bool = False


@dataclass(frozen=True)
class Found:
    """One finding. mask: [H, W] bool in pixels of the scan, or None where only a box is known.

    Of a `VolumeScan` the mask is [S, H, W] bool on its grid, and there is no box. A classifier's finding has
    neither mask nor box: it is of the whole picture and becomes no region. Of an expert that `refines`
    the label may be "": the caller knows what its prompt marks; a mask that marks nothing keeps its place.

    score    in [0, 1], of this finding, as the expert rates it; comparable within one expert only
    quality  in [0, 1], how much the shape is to be trusted (e.g. stability under a moved threshold)
    instance False: a class mask, whose connected components are the objects
    """

    label: str
    mask: np.ndarray | None = None
    box: tuple[float, float, float, float] | None = None
    score: float | None = None
    quality: float | None = None
    instance: bool = True


@dataclass(frozen=True)
class Refusal:
    """Why an expert does not look at a scan. reason: a code of schemas.reasons."""

    reason: str
    detail: str


Prediction = list[Found] | Refusal
"""An empty list is an answer: nothing found. It is never turned into a box of the whole picture."""


class VolumeExpert(Protocol):
    """An expert of three dimensions: as `Expert`, on volumes."""

    @property
    def card(self) -> ExpertCard:
        """Who it is; `dimensions` is 3."""
        ...

    def load(self) -> None:
        """Get ready; a second call does nothing. Raises OSError or ValueError on bad weights."""
        ...

    def predict(self, batch: Sequence[VolumeScan]) -> list[Prediction]:
        """One prediction a volume, in order; each a function of its volume alone."""
        ...


class Expert(Protocol):
    """Made on any machine, loaded where it works, resident until the process ends."""

    @property
    def card(self) -> ExpertCard:
        """Who it is; known before `load`."""
        ...

    def load(self) -> None:
        """Get ready; a second call does nothing. Raises OSError or ValueError on bad weights."""
        ...

    def predict(self, batch: Sequence[Scan]) -> list[Prediction]:
        """One prediction a scan, in order; each a function of its scan alone."""
        ...


AnyExpert = Expert | VolumeExpert
"""`card.dimensions` says which."""
