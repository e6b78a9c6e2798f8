"""Volumes, the labels that lie on them, and the policy by which they are cut into pictures.

Patient space is LPS+ in mm everywhere here (+x to the patient's left, +y to the back, +z to the
head), the frame of DICOM PS3.3 C.7.6.2.1.1. NIfTI files (RAS+) are converted on reading.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import numpy as np

from schemas.fact import Statement
from schemas.reject import Fault

if TYPE_CHECKING:
    from transforms.formats.structures import Structure

Plane = Literal["acquired", "axial", "coronal", "sagittal"]


@dataclass(frozen=True)
class Cut:
    """How an item with many slices or frames becomes pictures. Plain data; a recipe sets it.

    planes       "acquired": DICOM slices as stored, NIfTI in its plane of finest resolution;
                 or "axial", "coronal", "sagittal"
    step_mm      keep only slices about this far apart; None: all are candidates
    max_slices   at most so many pictures a plane (and window)
    prefer       "regions": slices that carry a mask, every label shown once where that fits;
                 "largest": the slices of largest mask area; "even": spread over the volume.
                 Where nothing is annotated all mean "even"
    windows      names of CT windows (formats.windows) or "center/width" in HU, a picture each;
                 (): the file's own first window, else soft tissue for CT
    percentiles  of the whole volume, shown as black and white where no window applies
    frames       "first" or "all" volumes of a 4-D item
    stack        so many slices for each one chosen, itself in the middle: odd; 1: it alone.
                 Where the volume ends the stack is shorter
    stack_step_mm  distance between the slices of a stack, to the nearest slice; None: neighbours
    mpp, tile, most_tiles  of slides: µm per pixel, px a side, tiles a slide; None: as declared
    """

    planes: tuple[Plane, ...] = ("acquired",)
    step_mm: float | None = None
    max_slices: int = 8
    prefer: Literal["regions", "largest", "even"] = "regions"
    windows: tuple[str, ...] = ()
    percentiles: tuple[float, float] = (0.5, 99.5)
    frames: Literal["first", "all"] = "first"
    stack: int = 1
    stack_step_mm: float | None = None
    mpp: float | None = None
    tile: int | None = None
    most_tiles: int | None = None


@dataclass(frozen=True)
class Volume:
    """A grid of values in the patient.

    values      [S, H, W] numbers, or [S, H, W, 3] uint8 colour
    affine      [4, 4], index (s, r, c, 1) of a voxel centre -> LPS mm; None: place unknown
    spacing_mm  (between slices, between rows, between columns); None: unknown
    modality    code of vocab/modalities.yaml, or None
    unit        "HU" for CT, else None
    flags       doubts that every picture of it carries
    """

    values: np.ndarray
    affine: np.ndarray | None
    spacing_mm: tuple[float, float, float] | None
    modality: str | None = None
    unit: str | None = None
    flags: tuple[str, ...] = ()


@dataclass(frozen=True)
class Whole:
    """A volume before its slices are chosen, in canonical axis order; its values come when asked for.

    key         what tells it from other volumes of its item: "", "volume=0001;", "stack=01;"
    shape       [3] voxels
    affine, spacing_mm, modality, unit, flags   as of a `Volume`
    load        gives the values [S, H, W] in `unit`, or raises Fault; None: colour, no single value
    statements  what the file says of the whole volume; columns: every named value it gives
    complete    source labels whose annotation in it is exhaustive and was read in full
    """

    key: str
    shape: tuple[int, int, int]
    affine: np.ndarray | None
    spacing_mm: tuple[float, float, float] | None
    modality: str | None
    unit: str | None
    flags: tuple[str, ...]
    load: Callable[[], np.ndarray] | None
    statements: tuple[Statement, ...] = ()
    columns: dict[str, str] = field(default_factory=dict)
    complete: tuple[str, ...] = ()


@dataclass(frozen=True)
class Seen:
    """What is known of a volume when its slices are chosen.

    id          of the volume, which its pictures will name; None: it is not kept
    structures  those annotated, in their order, then what experts found; each may name its region
    faults      what experts could not do; the pictures stay
    """

    id: str | None
    structures: list["Structure"]
    faults: list[Fault] = field(default_factory=list)


See = Callable[[Whole, list["Structure"]], Seen]
"""Asked once a volume, with its annotated structures on the canonical grid, before slices are chosen."""


@dataclass(frozen=True)
class LabelVolume:
    """Label files of one image volume, on its grid. Nothing is read before the image is.

    path        label map; `names` says what its values are. 0 is background
    names       value -> source label. Empty: every value is one object of the label `objects`
    objects     label of every value where `names` is empty (instance maps)
    files       (source label, file of a binary mask) pairs, one structure a file
    components  split each label into 3-D connected components (26 neighbours), one instance each:
                for lesions; the slices of one lesion share its instance and its volume
    """

    path: Path | None = None
    names: dict[int, str] = field(default_factory=dict)
    objects: str | None = None
    files: tuple[tuple[str, Path], ...] = ()
    components: bool = False
