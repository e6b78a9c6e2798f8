"""Volume: what slices or tiles are cut from, with its regions in 3-D. Its voxels stay at the source.

The grid of a volume is canonical: slices from foot to head, rows from front to back, columns from right
to left of the patient (`orientation` "H\\\\P\\\\L"), or as stored where the place in the patient is unknown
(`orientation` null). Of a slide the grid is [1, H, W], the pixels of its largest level.
"""

from dataclasses import dataclass, field
from typing import Any

import pyarrow as pa

from schemas.image import STEP

HU = pa.struct([(name, pa.float64()) for name in ("mean", "sd", "p5", "median", "p95")])
SPAN = pa.list_(pa.int32())  # first, last + 1

VOLUME_REGION = pa.struct(
    [
        pa.field("id", pa.string(), nullable=False),
        pa.field("label", pa.string(), nullable=False),  # vocab/findings.yaml, or the source's word
        pa.field("kind", pa.string(), nullable=False),  # schemas.region.KINDS
        pa.field("side", pa.string(), nullable=False),  # schemas.region.SIDES, of the patient
        pa.field("producer", pa.string(), nullable=False),  # as of a region
        pa.field("score", pa.float64()),
        pa.field("quality", pa.float64()),
        pa.field("candidate", pa.bool_(), nullable=False),
        pa.field("source_label", pa.string(), nullable=False),
        pa.field("mapped", pa.bool_(), nullable=False),
        pa.field("complete", pa.bool_(), nullable=False),  # of its label in this volume
        pa.field("truncated", pa.bool_(), nullable=False),  # touches a face of the volume
        pa.field("parent", pa.string()),  # id of the smallest region that contains it
        pa.field(
            "anatomy_path", pa.string(), nullable=False
        ),  # "chest/lung/left lung/pulmonary nodule"
        pa.field("voxels", pa.int64(), nullable=False),
        pa.field("volume_ml", pa.float64()),  # null: no spacing, or parts of it lie off the grid
        pa.field("extent_mm", pa.list_(pa.float64())),  # along slices, rows, columns
        pa.field("longest_mm", pa.float64()),  # in any direction
        pa.field("slices", SPAN, nullable=False),
        pa.field("rows", SPAN, nullable=False),
        pa.field("columns", SPAN, nullable=False),
        pa.field("centroid", pa.list_(pa.float64()), nullable=False),  # index (s, r, c)
        pa.field("hu", HU),  # of CT; null: values are no HU
    ]
)

LABEL = pa.struct(
    [
        pa.field("layer", pa.int32(), nullable=False),
        pa.field("value", pa.int32(), nullable=False),
        pa.field("region_id", pa.string(), nullable=False),
    ]
)

CUT = pa.struct(
    [
        pa.field("image_id", pa.string(), nullable=False),
        pa.field("plane", pa.string()),
        pa.field("window", pa.string()),
        pa.field("axis", pa.int32()),  # of the grid, that is cut across
        pa.field("index", pa.int32()),  # along it
        pa.field("y_axis", pa.int32()),  # of the grid, along which the picture goes down
        pa.field("x_axis", pa.int32()),  # and to the right
        pa.field("y_flipped", pa.bool_()),  # it goes against that axis
        pa.field("x_flipped", pa.bool_()),
        pa.field("box", pa.list_(pa.float64())),  # of a tile: x0, y0, x1, y1 on the largest level
    ]
)

STACK = pa.struct(
    [
        pa.field("plane", pa.string()),
        pa.field("window", pa.string()),
        pa.field("axis", pa.int32(), nullable=False),
        pa.field("center", pa.int32(), nullable=False),  # index of the slice it was made for
        pa.field("indices", pa.list_(pa.int32()), nullable=False),  # ascending
        pa.field(
            "image_ids", pa.list_(pa.string()), nullable=False
        ),  # null: slice not in the corpus
    ]
)

LEVEL = pa.struct(
    [
        pa.field("width", pa.int32(), nullable=False),
        pa.field("height", pa.int32(), nullable=False),
        pa.field("downsample", pa.float64(), nullable=False),
    ]
)

AGREEMENT = pa.struct(
    [
        pa.field("label", pa.string(), nullable=False),  # vocab/findings.yaml
        pa.field("producer", pa.string(), nullable=False),  # <expert>@<version>
        pa.field("measure", pa.string(), nullable=False),  # MEASURES
        pa.field("number", pa.float64(), nullable=False),
        pa.field("unit", pa.string(), nullable=False),  # 1 | mm | voxels
        pa.field("region_ids", pa.list_(pa.string()), nullable=False),  # those drawn; absent: none
        pa.field("slices", SPAN),  # where the expert found it; null: nowhere
        pa.field("rows", SPAN),
        pa.field("columns", SPAN),
    ]
)

LOOK = pa.struct(
    [
        pa.field("expert", pa.string(), nullable=False),  # <expert>@<version>
        pa.field("labels", pa.list_(pa.string()), nullable=False),  # that it was asked to find
        pa.field("reason", pa.string()),  # why it could not tell; null: it looked
    ]
)

VOLUME = pa.schema(
    [
        pa.field("id", pa.string(), nullable=False),
        pa.field("kind", pa.string(), nullable=False),  # volume | slide
        pa.field("source", pa.string(), nullable=False),
        pa.field("item", pa.string(), nullable=False),  # the source's own name of the item
        pa.field(
            "part", pa.string(), nullable=False
        ),  # which volume of its item: "", "volume=0001"
        pa.field("modality", pa.string(), nullable=False),
        pa.field("anatomy", pa.string()),
        pa.field("patient_key", pa.string(), nullable=False),
        pa.field("study_key", pa.string()),
        pa.field("license", pa.string(), nullable=False),
        pa.field("split", pa.string(), nullable=False),
        pa.field("shape", pa.list_(pa.int32()), nullable=False),  # slices, rows, columns
        pa.field("spacing_mm", pa.list_(pa.float64())),  # between slices, rows, columns
        pa.field("affine", pa.list_(pa.float64())),  # 4 x 4 by rows, (s, r, c, 1) -> LPS mm
        pa.field("orientation", pa.string()),  # patient letters of growing slices, rows, columns
        pa.field(
            "label_volume", pa.list_(pa.binary()), nullable=False
        ),  # .nii.gz files, one a layer
        pa.field("labels", pa.list_(LABEL), nullable=False),
        pa.field("regions", pa.list_(VOLUME_REGION), nullable=False),
        pa.field("images", pa.list_(CUT), nullable=False),
        pa.field("stacks", pa.list_(STACK), nullable=False),
        pa.field("looks", pa.list_(LOOK)),  # experts of volumes; null: none was asked
        pa.field("agreements", pa.list_(AGREEMENT)),  # null: nothing was compared
        pa.field("mpp", pa.list_(pa.float64())),  # of a slide: um between rows, columns
        pa.field("magnification", pa.float64()),  # of the objective
        pa.field("vendor", pa.string()),
        pa.field("levels", pa.list_(LEVEL)),
        pa.field("flags", pa.list_(pa.string()), nullable=False),
        pa.field("steps", pa.list_(STEP), nullable=False),
    ],
    metadata={"schema": "volume", "version": "1"},
)

VOLUME_KINDS = ("volume", "slide")
MEASURES = ("agreement-dice@1", "agreement-hd95@1", "found-where-absent@1")
"""Of an expert against the source: Dice (1 is the same) and 95th percentile of the Hausdorff distance of the
union of `region_ids`; 0 where the source says that there is none and the expert found one."""


@dataclass
class VolumeRegion:
    """One row of VOLUME_REGION.

    slices, rows, columns  [first, last + 1] on the grid of the volume
    extent_mm  outer size along slices, rows and columns: of a placed volume foot to head, front to back,
               right to left, as nearly as its axes run so
    longest_mm longest straight line from outer face to outer face, in any direction
    centroid   mean index (s, r, c) of its voxel centres
    hu         {"mean", "sd", "p5", "median", "p95"} of its voxels, or None
    """

    id: str
    label: str
    kind: str
    side: str
    producer: str
    score: float | None
    quality: float | None
    candidate: bool
    source_label: str
    mapped: bool
    complete: bool
    truncated: bool
    parent: str | None
    anatomy_path: str
    voxels: int
    volume_ml: float | None
    extent_mm: list[float] | None
    longest_mm: float | None
    slices: list[int]
    rows: list[int]
    columns: list[int]
    centroid: list[float]
    hu: dict[str, float] | None


@dataclass
class VolumeRow:
    """One row of VOLUME. `split` is that of origin in ingest, the final one in a release.

    label_volume  layers, each a NIfTI file; `labels` says which value of which layer is which region
    images        dicts of CUT, stacks dicts of STACK: what was cut from it
    looks         dicts of LOOK, agreements dicts of AGREEMENT; None: no expert was asked, nothing compared
    mpp, magnification, vendor, levels  of slides alone
    """

    id: str
    kind: str
    source: str
    item: str
    part: str
    modality: str
    anatomy: str | None
    patient_key: str
    study_key: str | None
    license: str
    split: str
    shape: list[int]
    spacing_mm: list[float] | None = None
    affine: list[float] | None = None
    orientation: str | None = None
    label_volume: list[bytes] = field(default_factory=list)
    labels: list[dict[str, Any]] = field(default_factory=list)
    regions: list[VolumeRegion] = field(default_factory=list)
    images: list[dict[str, Any]] = field(default_factory=list)
    stacks: list[dict[str, Any]] = field(default_factory=list)
    looks: list[dict[str, Any]] | None = None
    agreements: list[dict[str, Any]] | None = None
    mpp: list[float] | None = None
    magnification: float | None = None
    vendor: str | None = None
    levels: list[dict[str, Any]] | None = None
    flags: list[str] = field(default_factory=list)
    steps: list[dict[str, str]] = field(default_factory=list)
