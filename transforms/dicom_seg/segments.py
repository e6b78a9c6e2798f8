"""Segments: what each region is, in the words and codes of DICOM."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from transforms.dicom_seg.codes import PRIVATE, Code, coded
from transforms.dicom_seg.marked import Marked
from transforms.dicom_seg.uids import uid_of

if TYPE_CHECKING:
    from highdicom.seg import SegmentDescription
    from pydicom import Dataset

LABEL_CHARACTERS = 64  # of a Segment Label (LO)
CANDIDATE = " candidate"
FAMILIES = {
    "model": Code("123110", "DCM", "Artificial Intelligence"),
    "method": Code("TRAININGFREE", PRIVATE, "Image processing without trained weights"),
    "unstated": Code("UNSTATED", PRIVATE, "How the annotation was drawn is not stated"),
}
"""Algorithm families, PS3.16 CID 7162; it has none for classical processing as a whole."""

FAMILY_OF = {"automatic": "method", "semiautomatic": "unstated"}


def segment_label(region: Marked) -> str:
    """The label as people read it; a candidate is called one."""
    end = CANDIDATE if region.candidate else ""
    return region.label[: LABEL_CHARACTERS - len(end)] + end


def descriptions(regions: Sequence[Marked], models: frozenset[str]) -> list["SegmentDescription"]:
    """One segment a region, numbered from 1 in the order given.

    models  producers that have trained weights; a source's masks made by a model are among them
    """
    return [_description(n, region, models) for n, region in enumerate(regions, start=1)]


def _description(number: int, region: Marked, models: frozenset[str]) -> "SegmentDescription":
    from highdicom.seg import SegmentDescription

    codes = coded(region.label, region.kind, region.side)
    made = SegmentDescription(
        segment_number=number,
        segment_label=segment_label(region),
        segmented_property_category=concept(codes.category),
        segmented_property_type=concept(codes.type),
        algorithm_type=region.algorithm.upper(),
        algorithm_identification=_algorithm(region, models),
        tracking_uid=uid_of("region", region.id),
        tracking_id=region.id,
        anatomic_regions=None if codes.region is None else [concept(codes.region)],
    )
    made.SegmentDescription = f"{region.producer}; {'candidate' if region.candidate else 'region'}"[
        :1024
    ]
    if codes.side is not None:
        _modify(made, concept(codes.side), at_region=codes.region is not None)
    return made


def _modify(segment: "Dataset", side: Any, *, at_region: bool) -> None:
    """The side belongs to the organ: that of the lesion where one is named, else the segment itself."""
    if at_region:
        segment.AnatomicRegionSequence[0].AnatomicRegionModifierSequence = [side]
    else:
        item = segment.SegmentedPropertyTypeCodeSequence[0]
        item.SegmentedPropertyTypeModifierCodeSequence = [side]


def _algorithm(region: Marked, models: frozenset[str]) -> Any:
    """Name and version of what drew the region; None of a person."""
    from highdicom import AlgorithmIdentificationSequence

    if region.algorithm == "manual":
        return None
    name, _, version = region.producer.removeprefix("annotation:").rpartition("@")
    family = "model" if region.producer in models else FAMILY_OF[region.algorithm]
    return AlgorithmIdentificationSequence(
        name=(name or version)[:64], family=concept(FAMILIES[family]), version=version[:64]
    )


def concept(code: Code) -> Any:
    """A code as highdicom takes it."""
    from highdicom.sr import CodedConcept

    return CodedConcept(code.value, code.scheme, code.meaning)
