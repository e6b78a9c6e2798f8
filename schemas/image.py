"""Image: one picture of the corpus (a 2-D image, a slice, a tile, a frame) and what is known of it."""

from dataclasses import dataclass, field

import pyarrow as pa

from schemas.fact import FACT, Fact

# The Hub decodes an image only where its field is nullable (datasets, features/image.py).
PICTURE = pa.struct([("bytes", pa.binary()), ("path", pa.string())])  # the Hub's Image feature
STEP = pa.struct([("step", pa.string()), ("parameters", pa.string())])  # parameters: JSON text
PAIR = pa.struct([("key", pa.string()), ("value", pa.string())])

IMAGE = pa.schema(
    [
        pa.field("id", pa.string(), nullable=False),
        # PNG at native resolution unless the recipe caps it. Nullable, though never null: the Hub's
        # `datasets` decodes an image column only where its Arrow field is.
        pa.field("image", PICTURE),
        pa.field("width", pa.int32(), nullable=False),
        pa.field("height", pa.int32(), nullable=False),
        pa.field("modality", pa.string(), nullable=False),  # code of vocab/modalities.yaml
        pa.field("anatomy", pa.string()),  # name of vocab/anatomy.yaml; null: not stated
        pa.field("source", pa.string(), nullable=False),
        pa.field("item", pa.string(), nullable=False),  # the source's own name of the item
        pa.field("patient_key", pa.string(), nullable=False),
        pa.field("study_key", pa.string()),
        pa.field("frame", pa.int32()),  # slice or frame number in its item, from 0
        pa.field("plane", pa.string()),  # axial | coronal | sagittal
        pa.field("spacing_mm", pa.list_(pa.float64())),  # (between rows, between columns)
        pa.field("orientation", pa.string()),  # patient letters of +column, +row, such as "L\\P"
        pa.field("pixel_sha256", pa.string(), nullable=False),  # of shape, type and decoded pixels
        pa.field("phash", pa.string(), nullable=False),  # 64-bit DCT hash, hexadecimal
        pa.field("license", pa.string(), nullable=False),  # SPDX or LicenseRef-...
        pa.field("split", pa.string(), nullable=False),
        pa.field("labels", pa.list_(pa.string()), nullable=False),  # image-level, present ones
        pa.field("facts", pa.list_(FACT), nullable=False),
        pa.field("window", pa.string()),
        pa.field("view", pa.string()),
        pa.field("day", pa.int32()),  # days since the patient's first dated image or event
        pa.field("flags", pa.list_(pa.string()), nullable=False),  # doubts that stay with the row
        pa.field("steps", pa.list_(STEP), nullable=False),  # every applied pixel step, in order
        pa.field("extra", pa.list_(PAIR), nullable=False),  # source columns nobody mapped
        pa.field("volume_id", pa.string()),  # of the volume or slide this is a cut of
    ],
    metadata={"schema": "image", "version": "1"},
)

TEMPLATE_FLAG = "template image, not the patient"
"""Flag of an image that is not a picture of the patient whose annotation it carries: what lies under
the annotation is not the thing annotated, so nothing may be measured on the pixels there."""


@dataclass
class Image:
    """One row of IMAGE. `image` is {"bytes": PNG or None while only metadata travels, "path": name}."""

    id: str
    image: dict[str, bytes | str | None]
    width: int
    height: int
    modality: str
    anatomy: str | None
    source: str
    item: str
    patient_key: str
    study_key: str | None
    frame: int | None
    plane: str | None
    spacing_mm: list[float] | None
    orientation: str | None
    pixel_sha256: str
    phash: str
    license: str
    split: str
    labels: list[str] = field(default_factory=list)
    facts: list[Fact] = field(default_factory=list)
    window: str | None = None
    view: str | None = None
    day: int | None = None
    flags: list[str] = field(default_factory=list)
    steps: list[dict[str, str]] = field(default_factory=list)
    extra: list[dict[str, str]] = field(default_factory=list)
    volume_id: str | None = None
