"""Fact: one typed statement about an image or a region, with its origin. Words may only repeat facts."""

from dataclasses import dataclass
from typing import Literal

import pyarrow as pa

from schemas.ids import content_id

Polarity = Literal["present", "absent"]
Origin = Literal["observed", "declared", "annotated", "computed", "expert_model"]

FACT = pa.struct(
    [
        pa.field("id", pa.string(), nullable=False),
        pa.field("subject", pa.string(), nullable=False),  # image id or region id
        pa.field("kind", pa.string(), nullable=False),  # a key of KINDS
        pa.field("value", pa.string()),  # a vocabulary term or code
        pa.field("number", pa.float64()),
        pa.field("unit", pa.string()),  # UCUM-like: mm, px, mL, HU, 1 (a fraction), a (years)
        pa.field("object", pa.string()),  # the other region of a relation
        pa.field("polarity", pa.string(), nullable=False),  # present | absent
        pa.field("origin", pa.string(), nullable=False),
        pa.field("pointer", pa.string(), nullable=False),  # where: DICOM tag, column, rule name
        pa.field("confidence", pa.float64()),
    ]
)

KINDS = {
    # about an image
    "modality": "acquisition modality; value = code of vocab/modalities.yaml",
    "sequence": "MR sequence or contrast; value = T1, T1 post-contrast, T2, FLAIR, ...",
    "plane": "value = axial | coronal | sagittal",
    "view": "projection or view; value = PA, AP, lateral, CC, MLO, ...",
    "anatomy": "body part shown; value = name of vocab/anatomy.yaml",
    "image_side": "side of the imaged paired organ, patient frame; value = left | right",
    "window": "intensity window shown; value = its name, or 'c/w' in stored units",
    "stain": "value = stain of the specimen",
    "age": "patient age; number, unit a",
    "sex": "value = female | male",
    "finding": "image-level label, not localised; value = name of vocab/findings.yaml",
    "count": "regions of one label in this image; value = label, number, unit 1",
    "complete": "the annotation of this label is exhaustive in this image; value = label",
    # about a tile of a slide
    "resolution": "of a tile of a slide as released; number, unit um/px",
    "magnification": "objective power of the slide's scan, whatever the tile's resolution; number, unit 1",
    "scanner": "maker of the slide scanner; value = its name; for people and tables, never for words",
    # about a region
    "label": "what the region is; value = name of vocab/findings.yaml (or the unmapped source label)",
    "position": "where its centroid lies in the image as shown; value = POSITIONS",
    "side": "patient side; value = left | right",
    "area_fraction": "share of the image covered by the mask (box if none); number, unit 1",
    "major_axis": "longest diameter; number, unit mm or px",
    "minor_axis": "longest diameter perpendicular to the major axis; number, unit mm or px",
    "volume": "3-D volume of the structure inside the scanned volume; number, unit mL",
    "attenuation": "mean CT number; number, unit HU",
    "brightness": "against a ring around it, as shown; value = brighter | darker | similar",
    "homogeneity": "value = homogeneous | heterogeneous",
    "outline": "value = smooth | irregular",
    "shape": "value = round | oval | elongated",
    # about a region and experts; for people and tables, never for words
    "agreement": "an expert's finding (value = producer) compared with this annotated region; number; pointer names the "
    "measure: Dice of masks or IoU of boxes (unit 1), 95th percentile of the Hausdorff distance (mm or px)",
    "support": "someone else (value = producer) found or drew this region, too; number = overlap (IoU), unit 1; object = "
    "the annotated region whose box was refined to this one",
    # between two regions (subject, object)
    "inside": "the subject's mask lies in the object's (>= 95 %)",
    "overlaps": "the masks share pixels, neither is inside",
    "adjacent": "the masks touch or lie within 2 px, and share nothing",
    "left_of": "the subject is to the left in the image as shown",
    "above": "the subject is higher in the image as shown",
    "larger_than": "the subject's area is at least 1.2 times the object's",
    "distance": "smallest distance between the two masks; number, unit mm or px",
}
"""Every kind of fact and what it means. A kind has one meaning and one type of value."""


@dataclass(frozen=True)
class Fact:
    """One row of FACT. Make it with `fact(...)`, which computes the id."""

    id: str
    subject: str
    kind: str
    value: str | None
    number: float | None
    unit: str | None
    object: str | None
    polarity: Polarity
    origin: Origin
    pointer: str
    confidence: float | None


@dataclass(frozen=True)
class Statement:
    """A fact whose subject has no id yet: what a reader knows before the image is encoded."""

    kind: str
    value: str | None = None
    number: float | None = None
    unit: str | None = None
    polarity: Polarity = "present"
    origin: Origin = "observed"
    pointer: str = ""

    def about(self, subject: str) -> Fact:
        """The fact of this statement on `subject` (an image id or a region id)."""
        return fact(
            subject,
            self.kind,
            value=self.value,
            number=self.number,
            unit=self.unit,
            polarity=self.polarity,
            origin=self.origin,
            pointer=self.pointer,
        )


def fact(
    subject: str,
    kind: str,
    *,
    value: str | None = None,
    number: float | None = None,
    unit: str | None = None,
    object: str | None = None,
    polarity: Polarity = "present",
    origin: Origin = "computed",
    pointer: str = "",
    confidence: float | None = None,
) -> Fact:
    """A fact with its content id. Raises ValueError on a kind that KINDS does not define."""
    if kind not in KINDS:
        raise ValueError(f"fact kind {kind!r} is unknown; add it to schemas.fact.KINDS")
    number = None if number is None else float(number)
    key = (subject, kind, value, number, unit, object, polarity, origin, pointer)
    return Fact(
        content_id("fact", *key),
        subject, kind, value, number, unit, object, polarity, origin, pointer, confidence,
    )  # fmt: skip
