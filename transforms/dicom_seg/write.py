"""Regions of a volume as DICOM Segmentation objects, the same bytes for the same content."""

import hashlib
import io
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from schemas.reject import Fault
from transforms.dicom_seg.codes import PRIVATE, PRIVATE_NAME
from transforms.dicom_seg.marked import Labelled, Marked
from transforms.dicom_seg.segments import descriptions
from transforms.dicom_seg.uids import uid_of

if TYPE_CHECKING:
    from pydicom import Dataset

Kind = Literal["auto", "binary", "labelmap"]

STACKED_BYTES = 1 << 29  # most that overlapping masks may take, stacked, to go into one object
MOST_SEGMENTS = 65535  # a Segment Number has 16 bits
RLE_LOSSLESS, EXPLICIT = "1.2.840.10008.1.2.5", "1.2.840.10008.1.2.1"
CONTENT_LABEL = "MEDGRAIN"


@dataclass(frozen=True)
class Writing:
    """What an object says of its making.

    key     names the volume; with the content it makes every UID
    date    YYYYMMDD of the content: a choice of the caller, so that no clock is in the bytes
    models  producers that have trained weights
    """

    key: str
    date: str
    version: str
    kind: Kind = "auto"
    models: frozenset[str] = frozenset()


def write_segmentations(
    labelled: Labelled, references: Sequence["Dataset"], writing: Writing
) -> list["Dataset"]:
    """The objects that hold all regions, in the frames of `references`.

    Without overlap: one label map object (PS3.3 A.51, a number a voxel). With overlap: one object of
    a binary mask a segment where the masks fit STACKED_BYTES, else one label map a layer. Layers lie
    in the order of the frames of `references`.
    """
    if not labelled.regions:
        raise Fault("mask_empty", "the volume has no region to export")
    return [
        _object(number, part, references, writing)
        for number, part in enumerate(_parts(labelled, writing.kind), start=1)
    ]


@dataclass(frozen=True)
class _Part:
    """What goes into one object. values: [s, r, c] of segment numbers, or [s, r, c, segment] masks."""

    values: np.ndarray
    regions: tuple[Marked, ...]
    kind: str


def _parts(labelled: Labelled, kind: Kind) -> list[_Part]:
    used = sorted({r.layer for r in labelled.regions})
    flat = "BINARY" if kind == "binary" else "LABELMAP"
    stacked = labelled.layers[0].size * len(labelled.regions)
    if len(used) > 1 and kind != "labelmap" and stacked <= STACKED_BYTES:
        masks = [labelled.layers[r.layer] == r.value for r in labelled.regions]
        values = np.stack(masks, axis=-1).astype(np.uint8)
        return [_Part(values, labelled.regions, "BINARY")]
    parts = []
    for layer in used:
        regions = tuple(r for r in labelled.regions if r.layer == layer)
        parts.append(_Part(_numbered(labelled.layers[layer], regions), regions, flat))
    return parts


def _numbered(layer: np.ndarray, regions: tuple[Marked, ...]) -> np.ndarray:
    """The layer with the values of the regions replaced by 1, 2, ... and everything else by 0."""
    if len(regions) > MOST_SEGMENTS:
        raise Fault("dimensions_unsupported", f"{len(regions)} segments in one object")
    table = np.zeros(max(int(layer.max()), *(r.value for r in regions)) + 1, np.uint16)
    for number, region in enumerate(regions, start=1):
        table[region.value] = number
    return table[layer].astype(np.uint8 if len(regions) < 256 else np.uint16, copy=False)


def _object(
    number: int, part: _Part, references: Sequence["Dataset"], writing: Writing
) -> "Dataset":
    from highdicom.coding_schemes import CodingSchemeIdentificationItem
    from highdicom.seg import Segmentation

    uid = _content_uid(part, references, writing)
    made = Segmentation(
        source_images=list(references),
        pixel_array=part.values,
        segmentation_type=part.kind,
        segment_descriptions=descriptions(part.regions, writing.models),
        series_instance_uid=uid_of("segmentation series", writing.key),
        series_number=100,
        sop_instance_uid=uid,
        instance_number=number,
        manufacturer="medgrain",
        manufacturer_model_name="medgrain",
        software_versions=writing.version,
        device_serial_number="none",
        content_label=CONTENT_LABEL,
        content_description="Regions of a corpus by medgrain",
        series_description="medgrain regions",
        content_date=writing.date,
        content_time="000000",
        series_date=writing.date,
        series_time="000000",
        transfer_syntax_uid=EXPLICIT,
        omit_empty_frames=True,
        specific_character_set="ISO_IR 192",
        coding_schemes=[CodingSchemeIdentificationItem(PRIVATE, name=PRIVATE_NAME)],
    )
    if part.kind == "LABELMAP":
        # Named, because bytes must not depend on which encoders are installed, and because GDCM ends
        # the process on frames that it does not like.
        made.compress(RLE_LOSSLESS, encoding_plugin="pylibjpeg", generate_instance_uid=False)
    return _without_clock(made, writing)


def _content_uid(part: _Part, references: Sequence["Dataset"], writing: Writing) -> str:
    """A UID of all that is in the object: other content never takes the UID of an older export."""
    voxels = hashlib.sha256(np.ascontiguousarray(part.values).data).hexdigest()
    about = [asdict(region) for region in part.regions]
    images = [str(r.SOPInstanceUID) for r in references]
    date, version = writing.date, writing.version
    return uid_of("segmentation", writing.key, date, version, part.kind, about, images, voxels)


def _without_clock(ds: Any, writing: Writing) -> "Dataset":
    """Replace what highdicom takes from the clock or from chance."""
    del ds.InstanceCreationDate, ds.InstanceCreationTime
    for item in ds.get("ContributingEquipmentSequence", []):
        if "ContributionDateTime" in item:
            item.ContributionDateTime = f"{writing.date}000000"
    organization = uid_of("dimensions", ds.SOPInstanceUID)
    for item in (*ds.DimensionOrganizationSequence, *ds.DimensionIndexSequence):
        item.DimensionOrganizationUID = organization
    return ds  # type: ignore[no-any-return]


def as_bytes(ds: "Dataset") -> bytes:
    """The DICOM file of an object."""
    out = io.BytesIO()
    ds.save_as(out, enforce_file_format=True)
    return out.getvalue()
