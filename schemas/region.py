"""Region: one localised thing in one image. Facts on it live beside it, verdicts in `schemas.verdict`."""

from dataclasses import dataclass, field
from typing import Any

import pyarrow as pa

POSITIONS = (
    "upper left", "upper center", "upper right",
    "middle left", "center", "middle right",
    "lower left", "lower center", "lower right",
)  # fmt: skip
"""Words for a centroid in the image as shown, row by row of a 3 x 3 grid with edges at thirds."""

BOX = pa.list_(pa.float64())
"""x0, y0, x1, y1: half-open pixels of the released image, origin at the top left corner."""

RLE = pa.struct([("size", pa.list_(pa.int32())), ("counts", pa.string())])  # COCO, column-major

REGION = pa.struct(
    [
        pa.field("id", pa.string(), nullable=False),
        pa.field("label", pa.string(), nullable=False),  # vocab/findings.yaml, or the source's word
        pa.field("kind", pa.string(), nullable=False),  # KINDS
        pa.field("box", BOX, nullable=False),
        pa.field("mask", RLE),  # null: only a box is known
        pa.field("area_fraction", pa.float64(), nullable=False),
        pa.field("position", pa.string(), nullable=False),  # POSITIONS
        pa.field("side", pa.string(), nullable=False),  # SIDES, of the patient
        pa.field("extent_mm", pa.list_(pa.float64())),  # major, minor axis; null: no spacing
        pa.field("parent", pa.string()),  # id of the smallest region that contains it
        pa.field("producer", pa.string(), nullable=False),  # see `Region`
        pa.field("score", pa.float64()),
        pa.field("source_label", pa.string(), nullable=False),  # before mapping
        pa.field("mapped", pa.bool_(), nullable=False),  # label is a vocabulary term
        pa.field("complete", pa.bool_(), nullable=False),  # of its label in this image
        pa.field("candidate", pa.bool_(), nullable=False),  # a likely place, not a reading
        pa.field("quality", pa.float64()),  # 0 to 1, how far an expert trusts the shape
        pa.field("volume_region", pa.string()),  # id of the 3-D region this is a cut of
    ]
)

SIDES = ("left", "right", "midline", "unknown")
KINDS = ("lesion", "organ", "structure", "tissue", "cell", "device", "artifact", "unknown")


@dataclass
class Region:
    """One row of REGION.

    mask      {"size": [height, width], "counts": str}, COCO compressed RLE
    producer  annotation:<source>@<version> or <expert>@<version>
    side      of SIDES
    complete  the source annotates this label exhaustively in this image
    candidate the producer may be wrong by its nature: words call the region a candidate of its label
    quality   of an expert's shape, as it rates it (stability under a moved threshold, say)
    volume_region  id of the region of the item's volume; null: the image is no cut of a volume
    """

    id: str
    label: str
    kind: str
    box: list[float]
    mask: dict[str, Any] | None
    area_fraction: float
    position: str
    side: str
    extent_mm: list[float] | None
    parent: str | None
    producer: str
    score: float | None
    source_label: str
    mapped: bool
    complete: bool = field(default=False)
    candidate: bool = False
    quality: float | None = None
    volume_region: str | None = None

    @property
    def annotated(self) -> bool:
        """A source drew it; else an expert found it."""
        return self.producer.startswith("annotation:")
