"""Which series and instances an annotation object refers to."""

from typing import TYPE_CHECKING

from transforms.formats.dicom_values import items, word

if TYPE_CHECKING:
    from pydicom import Dataset


def references_of(ds: "Dataset") -> frozenset[str]:
    """UIDs of the series and SOP instances a SEG or RTSTRUCT names; empty for images.

    Sources: Common Instance Reference, PS3.3 C.12.2 (SEG); Derivation Image macro, C.7.6.16.2.6;
    Structure Set, C.8.8.5 and ROI Contour, C.8.8.6 (RTSTRUCT).
    """
    uids = [word(s, "SeriesInstanceUID") for s in items(ds, "ReferencedSeriesSequence")]
    for series in items(ds, "ReferencedSeriesSequence"):
        uids += _instances(series, "ReferencedInstanceSequence")
    for group in items(ds, "PerFrameFunctionalGroupsSequence"):
        for derivation in items(group, "DerivationImageSequence"):
            uids += _instances(derivation, "SourceImageSequence")
    if word(ds, "Modality") == "RTSTRUCT":
        uids += _structure_set(ds)
    return frozenset(uid for uid in uids if uid)


def _structure_set(ds: "Dataset") -> list[str]:
    uids: list[str] = []
    for frame in items(ds, "ReferencedFrameOfReferenceSequence"):
        for study in items(frame, "RTReferencedStudySequence"):
            for series in items(study, "RTReferencedSeriesSequence"):
                uids.append(word(series, "SeriesInstanceUID"))
                uids += _instances(series, "ContourImageSequence")
    for roi in items(ds, "ROIContourSequence"):
        for contour in items(roi, "ContourSequence"):
            uids += _instances(contour, "ContourImageSequence")
    return uids


def _instances(ds: "Dataset", sequence: str) -> list[str]:
    return [word(item, "ReferencedSOPInstanceUID") for item in items(ds, sequence)]
